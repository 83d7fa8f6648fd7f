import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldPath } from '../../src/model/field-path.ts';
import type { NodeId, Plan } from '../../src/model/plan.ts';
import { planFromJson, planToJson } from '../../src/report/plan-json.ts';
import { isJsonObject, type Json, type JsonObject } from '../../src/util/json.ts';
import { expectGolden } from '../support/golden.ts';
import { pretty } from './hostile.ts';
import { change, declared, firstPlan, mixedPlan, node, plan, range } from './samples.ts';

const full: Plan = {
  ...mixedPlan(),
  docker: { host: 'unix:///run/engine.sock' },
  diagnostics: [
    {
      code: 'carried-field',
      severity: 'warning',
      message: '`tracing` changes nothing',
      range: range('web.agent.yaml', 30, 3, 7),
      related: [{ message: 'here', range: range('web.agent.yaml', 1, 1) }],
    },
  ],
};

/** The document of `of` as it comes back from a file, with one place of it set to another value. */
function saved(of: Plan, path: readonly string[] = [], value?: Json): JsonObject {
  const document = JSON.parse(JSON.stringify(planToJson(of))) as JsonObject;
  return path.length === 0 ? document : (replaced(document, path, value) as JsonObject);
}

function replaced(
  document: Json | undefined,
  [head, ...rest]: readonly string[],
  value: Json | undefined,
): Json | undefined {
  if (head === undefined) return value;
  if (Array.isArray(document)) {
    return (document as readonly Json[]).map((item, index) =>
      String(index) === head ? (replaced(item, rest, value) as Json) : item,
    );
  }
  const members = isJsonObject(document) ? document : {};
  return { ...members, [head]: replaced(members[head], rest, value) };
}

function messages(document: Json): readonly string[] {
  const result = planFromJson(document);
  return result.ok ? [] : result.error.map(({ message }) => message.replace('the saved plan cannot be used: ', ''));
}

describe('a saved plan', () => {
  it('is the plan, source ranges included', () => {
    expectGolden('report/plan-json/mixed.json', pretty(planToJson(full)));
  });

  it('comes back as it was', () => {
    for (const each of [full, firstPlan(), plan()]) {
      expect(planFromJson(saved(each))).toEqual({ ok: true, value: each });
    }
  });

  it('is written with its keys in one order, however the plan was built', () => {
    const reversed = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(reversed);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, member]) => [key, reversed(member)]),
      );
    };
    expect(pretty(planToJson(reversed(full) as Plan))).toBe(pretty(planToJson(full)));
  });
});

describe('reading a saved plan', () => {
  it('refuses another major version and names both', () => {
    const [refusal] = (planFromJson(saved(full, ['formatVersion'], '2.3')) as { error: readonly object[] }).error;
    expect(refusal).toMatchObject({
      code: 'invalid-plan-file',
      severity: 'error',
      message: 'the saved plan cannot be used: it has format 2.3, and this aac reads 1.x',
    });
  });

  it('reads a newer minor version as far as it is known', () => {
    const newer = replaced(saved(full, ['formatVersion'], '1.7'), ['estimate'], { seconds: 4 });
    expect(planFromJson(newer as Json)).toEqual({ ok: true, value: full });
  });

  it('refuses what is no plan at all', () => {
    expect(messages([])).toEqual(['it is not a JSON object']);
    expect(messages({})).toEqual(['`formatVersion` is missing: it is no plan that aac saved']);
    expect(messages({ formatVersion: '1.0' })).toContain('`nodes` is missing');
  });

  it.each([
    [['digest'], 'abc', '`digest` is not a SHA-256 hash'],
    [['workspace'], 7, '`workspace` is not a name'],
    [['changes', '0', 'action'], 'destroy', '`changes[0].action` is not one of'],
    [['changes', '0', 'cause', 'type'], 'whim', '`changes[0].cause.type` is not one of'],
    [['changes', '2', 'fields', '0', 'path'], 'resources', '`changes[2].fields[0].path` is not a JSON Pointer'],
    [['nodes', '0', 'step', 'verb'], 'exec', '`nodes[0].step.verb` is not one of'],
    [['nodes', '0', 'step', 'address'], 'agent/../0/1', '`nodes[0].step.address` is not an address'],
    [['nodes', '0', 'step', 'target', 'generation'], 1.5, '`nodes[0].step.target.generation` is not a whole number'],
    [['nodes', '0', 'step', 'spec', 'ports'], ['8080:80'], '`nodes[0].step.spec.ports` is not an object'],
    [
      ['nodes', '0', 'step', 'spec', 'environment', 'TOKEN'],
      { from: 'file' },
      '`nodes[0].step.spec.environment["TOKEN"].from` is not one of',
    ],
    [
      ['nodes', '0', 'step', 'spec', 'restartPolicy', 'name'],
      'sometimes',
      '`nodes[0].step.spec.restartPolicy.name` is not one of',
    ],
    [['nodes', '2', 'step', 'gracePeriod'], -1, '`nodes[2].step.gracePeriod` is not a number not below 0'],
    [['nodes', '9', 'step', 'check', 'port'], '80', '`nodes[9].step.check.port` is not a whole number'],
    [['diagnostics', '0', 'range', 'start'], undefined, '`diagnostics[0].range.start` is missing'],
  ])('names the place that is wrong: %j', (path, value, expected) => {
    expect(messages(saved(full, path, value as Json)).join('\n')).toContain(expected);
  });

  it('refuses a network with the spec of an agent', () => {
    const first = firstPlan();
    expect(messages(saved(first, ['nodes', '0', 'step', 'spec'], {}))).toEqual([
      '`nodes[0].step.spec.internal` is missing',
    ]);
  });

  it('refuses nodes that wait for one that is not there, or for themselves', () => {
    const id = (text: string): NodeId => text as NodeId;
    const start = node('start', 'agent/a/0', { dependsOn: [id('create agent/a/0')] });
    expect(messages(saved(plan({ nodes: [start] })))).toEqual([
      '`start agent/a/0` depends on `create agent/a/0`, which is not there',
    ]);
    const circle = node('create', 'agent/a/0', { dependsOn: [id('start agent/a/0')] });
    expect(messages(saved(plan({ nodes: [start, circle] })))[0]).toContain('waits for itself');
    const twice = node('remove', 'agent/a/0');
    expect(messages(saved(plan({ nodes: [twice, twice] })))).toEqual(['two nodes have the id `remove agent/a/0`']);
  });

  it('does not list more than a screen of problems', () => {
    const changes = Array.from({ length: 40 }, () => change('agent/a/0', 'create', declared));
    const broken = replaced(
      saved(plan({ changes })),
      ['changes'],
      changes.map(() => ({})),
    ) as Json;
    expect(messages(broken)).toHaveLength(11);
  });

  it('keeps keys that JavaScript would treat as its own', () => {
    const text = '{"__proto__": "x", "constructor": "y"}';
    const of = plan({ nodes: [node('create', 'agent/a/0')] });
    const document = saved(of, ['nodes', '0', 'step', 'spec', 'labels'], JSON.parse(text) as Json);
    const result = planFromJson(document);
    expect(result.ok && JSON.stringify(planToJson(result.value))).toContain(
      '"labels":{"__proto__":"x","constructor":"y"}',
    );
  });

  it('answers with a result whatever one place of the document holds', () => {
    const document = saved(full);
    const paths = leaves(document, []);
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue(), (path, value) => {
        const result = planFromJson(replaced(document, path, value) as Json);
        if (result.ok) expect(planFromJson(saved(result.value)).ok).toBe(true);
        else expect(result.error.length).toBeGreaterThan(0);
      }),
    );
  });

  it('takes a field path with any characters', () => {
    const path = fieldPath('environment', 'A/B~C\n');
    const of = plan({
      changes: [
        change('agent/a/0', 'update', declared, { fields: [{ path, origin: 'change', forcesReplacement: false }] }),
      ],
    });
    expect(planFromJson(saved(of))).toEqual({ ok: true, value: of });
  });
});

function leaves(document: Json | undefined, path: readonly string[]): readonly (readonly string[])[] {
  if (typeof document !== 'object' || document === null) return [path];
  return [path, ...Object.entries(document).flatMap(([key, value]) => leaves(value as Json, [...path, key]))].filter(
    (each) => each.length > 0,
  );
}
