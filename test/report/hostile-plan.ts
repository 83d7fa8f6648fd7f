import { fieldPath } from '../../src/model/field-path.ts';
import type { Change, Plan } from '../../src/model/plan.ts';
import { change, declared, field, mixedPlan, node, plan, range } from './samples.ts';

/** Texts that try to end whatever they are put into: a span, a fence, a folded part, an element, a command. */
export const breakouts: readonly string[] = [
  '```\n</details>\n# owned',
  '`` ` ```` `` |cell|',
  '</details><script>alert(1)</script><!--',
  ']]></failure><!-- "quoted" \'single\' &amp;',
  'a%0A::error::owned\n::set-output name=x::y',
  'x=1\ny=2\r\nEOF',
  '@everyone [link](javascript:x) ![image](http://x) <b>',
  '--> \u0000\u001b[31m\u202e\ufffe\ud800 日本語 🙂',
  '> [!NOTE]\n- item\n1. item\n/close',
];

/** A plan in which every text that a manifest or an engine can choose is hostile. */
export function hostilePlan(): Plan {
  const changes = breakouts.map((text, index): Change => {
    const file = `${String(index)}${text}.agent.yaml`;
    const actions = ['delete', 'replace', 'update'] as const;
    return change(`agent/${text.replaceAll('/', '_')}/0`, actions[index % 3] ?? 'update', cause(text, index), {
      fields: [
        field(['environment', text], { before: text, after: `${text}${text}`, source: range(file, 3, 5) }),
        { path: fieldPath('image', text), origin: 'drift', before: text, after: '', forcesReplacement: true },
      ],
      notes: [text],
      source: range(file, 3, 5),
    });
  });
  return plan({
    workspace: `demo ${breakouts.join(' ')}`,
    changes,
    nodes: mixedPlan().nodes,
    drift: changes.map(({ address, driver, fields }) => ({ address, driver, type: 'fields', fields })),
    diagnostics: breakouts.map((text, index) => ({
      code: 'invalid-value',
      severity: (['error', 'warning', 'note'] as const)[index % 3] ?? 'note',
      message: `\`${text}\` is wrong: ${text}`,
      hint: text,
      range: range(text, 1, 1),
    })),
  });
}

function cause(text: string, index: number): Change['cause'] {
  return index % 2 === 0
    ? { type: 'image-moved', image: text }
    : { type: 'not-running', phase: text, detail: text, exitCode: 1 };
}

/** A plan of so many changes, a tenth of them deletions, each with fields of some length. */
export function largePlan(count: number): Plan {
  const changes = Array.from({ length: count }, (_, index): Change => {
    const name = `agent/service-with-a-long-name-${String(index)}/0`;
    const file = `teams/team-${String(index % 40)}/service-${String(index)}.agent.yaml`;
    if (index % 10 === 0) return change(name, 'delete', { type: 'undeclared' }, { approval: { type: 'protected' } });
    return change(
      name,
      index % 3 === 0 ? 'replace' : 'update',
      { type: 'changed' },
      {
        fields: Array.from({ length: 5 }, (_each, at) =>
          field(['environment', `VARIABLE_${String(at)}`], {
            before: 'old '.repeat(20),
            after: 'new '.repeat(20),
            source: range(file, 10 + at, 7),
          }),
        ),
        source: range(file, 10, 7),
      },
    );
  });
  return plan({
    changes,
    nodes: [node('create', 'agent/a/0', { cause: declared })],
    diagnostics: Array.from({ length: count }, (_, index) => ({
      code: 'carried-field',
      severity: index % 2 === 0 ? 'error' : 'warning',
      message: `\`field-${String(index)}\` changes nothing`,
      range: range('a.agent.yaml', index + 1, 1),
    })),
  });
}
