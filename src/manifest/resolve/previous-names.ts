import { agentTemplate } from '../../model/address.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { locate } from '../locate.ts';
import type { WrittenAgent } from '../schema/agent.ts';
import type { Checked } from '../validate.ts';

/** An error, at its line, for every previous name that leads to more than one agent. `agentNames` are those declared. */
export function checkPreviousNames(
  documents: readonly Checked<WrittenAgent>[],
  agentNames: ReadonlySet<string>,
): readonly Diagnostic[] {
  const claimed = new Map<string, { readonly agent: string; readonly range: ReturnType<typeof locate> }>();
  return documents.flatMap(({ document, written }) => {
    const { name: agent, previousNames = [] } = written?.metadata ?? { name: '' };
    return previousNames.flatMap((name, index): readonly Diagnostic[] => {
      const range = locate({ document, path: ['metadata', 'previousNames', index] });
      const base = { severity: 'error', range, address: agentTemplate(agent) } as const;
      if (agentNames.has(name)) {
        return [
          {
            ...base,
            code: 'duplicate-name',
            message:
              name === agent
                ? `\`${name}\` is what the agent is called now, and no previous name of it`
                : `\`${name}\` is declared as an agent of its own, so \`${agent}\` cannot take over what stands under it`,
            hint: name === agent ? 'take it out' : `take it out, or remove the manifest of \`${name}\``,
          },
        ];
      }
      const first = claimed.get(name);
      if (!first) claimed.set(name, { agent, range });
      if (!first || first.agent === agent) return [];
      return [
        {
          ...base,
          code: 'duplicate-name',
          message: `two agents say that they were called \`${name}\` before`,
          hint: 'what stands under it can go on as one of them: take it out of the other',
          related: [{ message: `\`${first.agent}\` says so, too`, range: first.range }],
        },
      ];
    });
  });
}
