import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import MarkdownIt from 'markdown-it';
import { validateXML } from 'xmllint-wasm';
import { bytes, characters } from '../../src/report/markdown-budget.ts';
import { summaryBudget } from '../../src/report/github.ts';
import type { Plan } from '../../src/model/plan.ts';
import { formats, type Format } from '../../src/report/format.ts';
import { markdownOf, render, type Subject } from '../../src/report/render.ts';
import { planFromJson, planToJson } from '../../src/report/plan-json.ts';
import { planJsonSchema } from '../../src/report/plan-schema.ts';
import { createRedactor } from '../../src/report/redact.ts';
import type { JsonObject } from '../../src/util/json.ts';
import { expectGolden } from '../support/golden.ts';
import {
  address,
  change,
  declared,
  failed,
  field,
  firstPlan,
  mixedPlan,
  node,
  plan,
  range,
  report,
} from './samples.ts';
import { breakouts, hostilePlan, largePlan } from './hostile-plan.ts';

const fixtures = join(import.meta.dirname, '..', '..', 'fixtures');

const endings: Readonly<Record<Format, string>> = {
  text: 'txt',
  json: 'json',
  jsonl: 'jsonl',
  markdown: 'md',
  github: 'github.txt',
  sarif: 'sarif',
  junit: 'xml',
};

const withProblems: Plan = {
  ...mixedPlan(),
  diagnostics: [
    {
      code: 'port-in-use',
      severity: 'error',
      message: 'port 8080 is already in use by container `shop-1`',
      address: change('agent/web/0', 'no-op', declared).address,
      hint: 'stop it, or choose another host port',
      range: range('manifests/web.agent.yaml', 24, 7, 4),
    },
    { code: 'carried-field', severity: 'warning', message: '`tracing` changes nothing' },
    { code: 'limits-enforced', severity: 'note', message: 'memory limits are kept by a watchdog' },
  ],
};

/** What the engine still knows of one of the resources that moved. */
const happened = new Map(
  ['agent/mail/0'].map((at) => {
    const base = { at: Date.UTC(2026, 0, 31, 9, 30), address: address(at), name: 'demo-mail-0', ref: 'id' };
    return [
      base.address,
      [{ ...base, type: 'updated' } as const, { ...base, type: 'signalled', detail: 'signal 9' } as const],
    ];
  }),
);

const subjects: Readonly<Record<string, Subject>> = {
  empty: { type: 'plan', plan: plan({ changes: [change('agent/web/0', 'no-op', declared)] }) },
  first: { type: 'plan', plan: firstPlan() },
  mixed: { type: 'plan', plan: mixedPlan() },
  problems: { type: 'plan', plan: withProblems },
  hostile: { type: 'plan', plan: hostilePlan() },
  drift: { type: 'drift', plan: withProblems, happened },
  refused: { type: 'refusal', diagnostics: withProblems.diagnostics, workspace: 'demo' },
  validation: {
    type: 'validation',
    diagnostics: withProblems.diagnostics.slice(1),
    workspace: 'demo',
    agents: ['chat', 'web'],
  },
  ledger: {
    type: 'ledger',
    operation: 'apply',
    report: report('failed', mixedPlan(), {
      'wait agent/web/0': failed({
        code: 'not-ready',
        retry: 'terminal',
        message: 'it exited with code 1',
        details: ['Error: no ]]> config', '::error::at start'],
        hint: 'look at `aac logs web`',
      }),
      'stop agent/web/1': { status: 'skipped', blockedBy: mixedPlan().nodes[9]!.id },
      'create agent/chat/0': { status: 'not-started' },
    }),
  },
};

const options = {
  version: '1.2.3',
  texts: new Map<string, string>(),
  place: (file: string) => `deploy/${file}`,
  redact: (text: string) => text,
};

const cases = Object.entries(subjects).flatMap(([name, subject]) =>
  formats.map((format) => ({ name, subject, format })),
);

describe('every format', () => {
  it.each(cases)('tells $name as $format', ({ name, subject, format }) => {
    expectGolden(`report/formats/${name}.${endings[format]}`, render(subject, format, options));
  });
});

describe('the published schema of plans', () => {
  const schema = planJsonSchema();
  const validate = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false }).compile(schema);

  it('is the one in docs/', () => {
    expectGolden('../docs/plan.schema.json', `${JSON.stringify(schema, null, 2)}\n`);
  });

  it.each(Object.entries(subjects).flatMap(([name, subject]) => (subject.type === 'plan' ? [{ name, subject }] : [])))(
    'takes the plan $name',
    ({ subject }) => {
      const document = JSON.parse(render(subject, 'json', options)) as object;
      // what the hostile plan has for addresses, no manifest could name
      if (subject !== subjects.hostile) expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
      expect(validate(document)).toBe(planFromJson(document as JsonObject).ok);
    },
  );

  it('takes a newer minor version with members that it does not know, and no other major', () => {
    const document = planToJson(mixedPlan());
    expect(validate({ ...document, formatVersion: '1.9', estimate: { seconds: 4 } })).toBe(true);
    expect(validate({ ...document, formatVersion: '2.0' })).toBe(false);
  });

  it('agrees with what apply reads, whatever one place of a plan holds', () => {
    const document = JSON.parse(JSON.stringify(planToJson(withProblems))) as JsonObject;
    const places = placesIn(document);
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.jsonValue({ maxDepth: 1 }), (place, value) => {
        const changed = structuredClone<JsonObject>(document);
        place.set(changed, value);
        // the graph is checked beyond its shape
        const read = planFromJson(changed);
        const isShapely =
          read.ok || read.error.every(({ message }) => /depends on|waits for itself|two nodes/.test(message));
        expect(validate(changed), JSON.stringify(validate.errors)).toBe(isShapely);
      }),
      { numRuns: 200 },
    );
  });
});

interface Place {
  readonly set: (document: JsonObject, value: unknown) => void;
}

/** Every place of a document that can hold another value. */
function placesIn(value: unknown, path: readonly string[] = []): readonly Place[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => [
    {
      set: (document: JsonObject, other: unknown): void => {
        const parent = path.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], document);
        (parent as Record<string, unknown>)[key] = other;
      },
    },
    ...placesIn(member, [...path, key]),
  ]);
}

const told = (format: Format): readonly { readonly name: string; readonly subject: Subject; readonly text: string }[] =>
  Object.entries(subjects).map(([name, subject]) => ({ name, subject, text: render(subject, format, options) }));

describe('SARIF', () => {
  const require = createRequire(import.meta.url);
  const assets = join(dirname(require.resolve('@microsoft/sarif-multitool-ts')), '..', 'assets');
  const schema = JSON.parse(readFileSync(join(assets, 'sarif-2.1.0.schema.json'), 'utf8')) as object;
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  const validate = ajv.compile(schema);
  const isValid = (document: unknown): boolean => {
    const valid = validate(document);
    expect(validate.errors).toBeNull();
    return valid;
  };

  it('is valid for every subject', () => {
    for (const { text } of told('sarif')) expect(isValid(JSON.parse(text))).toBe(true);
  });

  it('is refused by its schema once it is not SARIF', () => {
    expect(validate({ version: '2.1.0', runs: [{ tool: { driver: {} }, results: [] }] })).toBe(false);
  });

  it('points at manifests, from the root of the repository, and never at a plan', () => {
    const text = render(subjects.mixed!, 'sarif', options);
    const uris = [...text.matchAll(/"uri": "([^"]*)"/g)].map(([, uri]) => uri);
    expect(new Set(uris)).toEqual(
      new Set(['deploy/manifests/web.agent.yaml', 'deploy/mail.agent.yaml', 'deploy/chat.agent.yaml']),
    );
  });

  it('lists no more results than services take, and says how many are missing', () => {
    const subject: Subject = { type: 'plan', plan: largePlan(4000) };
    const document = JSON.parse(render(subject, 'sarif', options)) as SarifDocument;
    expect(isValid(document)).toBe(true);
    expect(document.runs[0]!.results).toHaveLength(5000);
    expect(JSON.stringify(document.runs[0]!.invocations)).toContain('3000 more results are not listed');
  });
});

interface SarifDocument {
  readonly runs: readonly { readonly results: readonly object[]; readonly invocations: readonly object[] }[];
}

describe('JUnit', () => {
  const schema = readFileSync(join(fixtures, 'schemas', 'junit-10.xsd'), 'utf8');

  it('is valid for every subject', async () => {
    const xml = told('junit').map(({ name, text }) => ({ fileName: `${name}.xml`, contents: text }));
    const result = await validateXML({ xml, schema });
    expect(result.errors).toEqual([]);
    expect(result.valid).toBe(true);
  });

  it('is refused by its schema once it is not JUnit', async () => {
    const text = render(subjects.mixed!, 'junit', options).replaceAll('classname=', 'file=');
    expect((await validateXML({ xml: text, schema })).valid).toBe(false);
  });
});

describe('Markdown', () => {
  const parser = new MarkdownIt({ html: true });
  /** What a page shows of it, without the text inside of code. */
  const structure = (text: string): string => parser.render(text).replace(/<code[^>]*>[^<]*<\/code>/g, '<code></code>');

  it('begins with what is deleted', () => {
    const text = render(subjects.mixed!, 'markdown', options);
    const places = ['will be deleted', 'Plan: 1 to create', '<details>'].map((words) => text.indexOf(words));
    expect(places).toEqual([...places].sort((one, other) => one - other));
    expect(places).not.toContain(-1);
  });

  it.each(breakouts)('keeps a hostile text where it was put: %j', (text) => {
    const hostile = hostilePlan();
    const only = hostile.changes.filter((each) => JSON.stringify(each).includes(JSON.stringify(text).slice(1, -1)));
    const of = { ...hostile, workspace: text, changes: only, drift: [], diagnostics: hostile.diagnostics };
    const page = structure(markdownOf({ type: 'plan', plan: of }));
    expect(page).not.toMatch(/<(script|b|a|img|ol|table)\b/);
    expect(page.match(/<h2>/g)).toHaveLength(1);
    expect(page).not.toContain('<h1>');
    expect(page.match(/<details>/g)).toHaveLength(page.match(/<\/details>/g)!.length);
    expect(page.replaceAll('@<!-- -->', '')).not.toContain('@');
  });

  it('stays within a comment and a summary for a plan of 2,000 changes, and says what is missing', () => {
    const subject: Subject = { type: 'plan', plan: largePlan(2000) };
    const comment = markdownOf(subject);
    expect(characters(comment)).toBeLessThanOrEqual(65_536);
    expect(characters(comment)).toBeGreaterThan(50_000);
    const summary = markdownOf(subject, summaryBudget);
    expect(bytes(summary)).toBeLessThanOrEqual(2 ** 20);
    expect(bytes(summary)).toBeGreaterThan(bytes(comment));
    for (const text of [comment, summary]) {
      expect(text).toContain('**200 resources will be deleted**');
      expect(text).toMatch(/… and \d+ more that do not fit here/);
      expect(structure(text).match(/<details>/g)).toHaveLength(text.match(/^<\/details>$/gm)!.length);
    }
  });

  it('stays within any budget', () => {
    for (const limit of [500, 2000, 10_000, 65_536]) {
      for (const { subject } of told('markdown')) {
        for (const measure of [characters, bytes]) {
          expect(measure(markdownOf(subject, { limit, measure }))).toBeLessThanOrEqual(limit);
        }
      }
    }
  });
});

describe('annotations', () => {
  it('are at most ten of a kind, deletions before other warnings, and the last says how many are missing', () => {
    const lines = render({ type: 'plan', plan: largePlan(2000) }, 'github', options)
      .trimEnd()
      .split('\n');
    for (const kind of ['error', 'warning']) {
      const own = lines.filter((line) => line.startsWith(`::${kind} `));
      expect(own).toHaveLength(10);
      expect(own.at(-1)).toMatch(/::\d+ more, in the summary of this step$/);
    }
    expect(lines.find((line) => line.startsWith('::warning '))).toContain('will be deleted');
  });

  it('are one command a line, whatever a manifest holds', () => {
    const lines = render(subjects.hostile!, 'github', options).trimEnd().split('\n');
    for (const line of lines) expect(line).toMatch(/^::(error|warning|notice) ([a-zA-Z]+=[^:,]*,?)+::/);
    expect(lines.join('\n')).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });
});

describe('a sensitive value', () => {
  const secret = 'hunter2-`<&"%]]>';
  const redact = createRedactor([secret]);
  const leaks = [secret, 'hunter2'];

  it.each(formats)('is in no %s, wherever it stood', (format) => {
    const diagnostics = [{ code: 'invalid-value', severity: 'error', message: secret, hint: secret } as const];
    const fields = [field(['environment', 'KEY'], { before: `x${secret}`, after: { deep: [`${secret}`.repeat(40)] } })];
    const of = plan({
      changes: [change('agent/a/0', 'update', { type: 'image-moved', image: secret }, { fields, notes: [secret] })],
      drift: [{ address: change('agent/a/0', 'no-op', declared).address, driver: 'docker', type: 'fields', fields }],
      nodes: [node('start', 'agent/a/0')],
      diagnostics,
    });
    const error = { code: 'internal', retry: 'terminal', message: secret, hint: secret, details: [secret] } as const;
    const all: readonly Subject[] = [
      { type: 'plan', plan: of },
      { type: 'drift', plan: of },
      { type: 'refusal', diagnostics, workspace: 'demo' },
      { type: 'validation', diagnostics, workspace: 'demo', agents: [] },
      { type: 'ledger', operation: 'apply', report: report('failed', of, { 'start agent/a/0': failed(error) }) },
    ];
    for (const subject of all) {
      const text = render(subject, format, { ...options, redact });
      for (const leak of leaks) expect(text).not.toContain(leak);
      expect(text).toContain('sensitive');
    }
  });
});
