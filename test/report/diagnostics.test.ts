import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../src/model/diagnostic.ts';
import type { SourceRange } from '../../src/model/source.ts';
import { diagnosticsJson, formatDiagnostics } from '../../src/report/diagnostics.ts';
import { plainStyle } from '../../src/report/style.ts';
import { displayWidth } from '../../src/report/text.ts';
import { expectGolden } from '../support/golden.ts';
import { controls, hostile, pretty } from './hostile.ts';
import { address, range } from './samples.ts';

const web = [
  'apiVersion: agent.dev/v1',
  'kind: Agent',
  'metadata: { name: web }',
  'spec:',
  '  imgae: web:1',
  '  ports:',
  '    - 80',
  '    - 80 # 日本語',
  '',
].join('\n');

function diagnostic(parts: Partial<Diagnostic>): Diagnostic {
  return { code: 'invalid-value', severity: 'error', message: 'something is wrong', ...parts };
}

function show(diagnostics: readonly Diagnostic[], text: string, width?: number): string {
  const texts = new Map([['web.agent.yaml', text]]);
  return formatDiagnostics(diagnostics, { texts, style: plainStyle, ...(width === undefined ? {} : { width }) });
}

/** The source line and the squiggle under it, for one range in one text. */
function squiggle(text: string, at: SourceRange, width?: number): readonly string[] {
  return show([diagnostic({ range: at })], text, width)
    .split('\n')
    .slice(3, 5);
}

const sample: readonly Diagnostic[] = [
  diagnostic({
    code: 'duplicate-name',
    message: 'port `80` is written twice',
    range: range('web.agent.yaml', 8, 7, 2),
    related: [{ message: 'it is here first', range: range('web.agent.yaml', 7, 7, 2) }],
  }),
  diagnostic({ code: 'carried-field', severity: 'warning', message: '`monitoring` changes nothing' }),
  diagnostic({
    code: 'port-in-use',
    message: 'port 8080 is already in use by container shop-1',
    address: address('agent/web/0'),
    hint: 'stop it, or choose another host port',
  }),
  diagnostic({
    code: 'unknown-field',
    message: 'unknown field `imgae` in `spec`',
    hint: 'did you mean `image`?',
    range: range('web.agent.yaml', 5, 3, 5),
  }),
  diagnostic({ code: 'unset-variable', message: '`${TOKEN}` has no value', range: range('aac.yaml', 3, 9, 8) }),
];

describe('diagnostics for people', () => {
  it('show place, line, squiggle, hint and related places, by file and line, and count at the end', () => {
    expectGolden('report/diagnostics/sample.txt', show(sample, web));
  });

  it('are coloured by severity where colours are wanted', () => {
    const text = formatDiagnostics(sample, { texts: new Map([['web.agent.yaml', web]]), style: pc.createColors(true) });
    expectGolden('report/diagnostics/colours.txt', text);
  });

  it('are nothing when there are none', () => {
    expect(show([], web)).toBe('');
  });

  it('read the same whatever order they come in', () => {
    expect(show([...sample].reverse(), web)).toBe(show(sample, web));
  });

  it('are told once where several agents have them at one line, and say which agents', () => {
    const shared = { severity: 'warning', range: range('aac.yaml', 2, 3, 4) } as const;
    const agents = ['web', 'api', 'web'].map((name) => diagnostic({ ...shared, address: address(`agent/${name}`) }));
    const text = show(agents, '');
    expect(text.match(/warning\[/g)).toHaveLength(1);
    expect(text).toContain('note: so it is for agent/api, agent/web\n');
    expect(text.trimEnd().split('\n').at(-1)).toBe('1 warning in 1 file');
    expect(show(agents.slice(0, 1), '')).not.toContain('note');
  });

  it('count notes, and leave files out where there are none', () => {
    const text = show([diagnostic({ severity: 'note' }), diagnostic({ severity: 'warning' })], '');
    expect(text.trimEnd().split('\n').at(-1)).toBe('1 warning, 1 note');
  });

  it('are not counted where they are notes alone', () => {
    expect(show([diagnostic({ severity: 'note' })], '')).toBe('note[invalid-value]: something is wrong\n');
  });

  it('do not break the terminal', () => {
    const bad = Object.values(hostile).map((text, index) =>
      diagnostic({
        message: text,
        hint: text,
        range: { ...range('web.agent.yaml', 1, 1, 3), file: `${String(index)}${text}` },
      }),
    );
    const texts = new Map(bad.map((each) => [each.range?.file ?? '', hostile.ansi]));
    expect(formatDiagnostics(bad, { texts, style: plainStyle })).not.toMatch(controls);
  });
});

describe('the squiggle', () => {
  it('stands under what is meant, with tabs and wide characters before it', () => {
    expect(squiggle('\tkey: x', range('web.agent.yaml', 1, 7, 1))).toEqual(['1 |     key: x', '  |          ^']);
    expect(squiggle('日本: x', range('web.agent.yaml', 1, 5, 1))).toEqual(['1 | 日本: x', '  |       ^']);
  });

  it('is as long as what is meant is wide', () => {
    expect(squiggle('a: 日本', range('web.agent.yaml', 1, 4, 2))[1]).toBe('  |    ^^^^');
  });

  it('ends with the first line of a range that goes on', () => {
    const at = { ...range('web.agent.yaml', 1, 1), end: { line: 3, column: 2, offset: 30 } };
    expect(squiggle('spec:   \r\n  a: 1\n  b: 2', at)).toEqual(['1 | spec:', '  | ^^^^^']);
  });

  it('is one column for an empty range, at the end of a line too', () => {
    expect(squiggle('name:', range('web.agent.yaml', 1, 6, 0))).toEqual(['1 | name:', '  |      ^']);
    expect(squiggle('', range('web.agent.yaml', 1, 1, 0))).toEqual(['1 | '.trimEnd() + ' ', '  | ^']);
  });

  it('is left out where the text has no such line', () => {
    expect(show([diagnostic({ range: range('web.agent.yaml', 9, 1) })], 'one line')).toContain(
      ' --> web.agent.yaml:9:1\n\n',
    );
  });

  it('stays in sight on a line that is too long', () => {
    for (const column of [1, 150, 290, 300]) {
      const text = `${'k'.repeat(column - 1)}HERE${'v'.repeat(300 - column)}`;
      const [line = '', under = ''] = squiggle(text, range('web.agent.yaml', 1, column, 4), 60);
      expect(displayWidth(line)).toBeLessThanOrEqual(60);
      expect(line.slice(under.indexOf('^'), under.lastIndexOf('^') + 1)).toBe('HERE');
    }
  });
});

describe('diagnostics for programs', () => {
  it('are counted and keep their ranges', () => {
    expectGolden('report/diagnostics/sample.json', pretty(diagnosticsJson(sample)));
  });
});
