import type { Suspension } from '../apply/suspension.ts';
import { agentTemplate } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { compareCodeUnits } from '../util/compare.ts';

/** A note on the workspace where it is suspended, and on each agent that is. */
export function suspensionNotes({ all, agents }: Suspension): readonly Diagnostic[] {
  const whole: readonly Diagnostic[] = all
    ? [
        {
          code: 'suspended',
          severity: 'note',
          message: `\`aac watch\` leaves this workspace as it is: suspended by ${all.user} since ${all.since}`,
          hint: '`aac resume` has it go on',
        },
      ]
    : [];
  const single = Object.entries(agents)
    .sort(([left], [right]) => compareCodeUnits(left, right))
    .map(([name, { user, since }]): Diagnostic => ({
      code: 'suspended',
      severity: 'note',
      message: `\`aac watch\` leaves \`${name}\` as it is: suspended by ${user} since ${since}`,
      hint: `\`aac resume ${name}\` has it go on`,
      address: agentTemplate(name),
    }));
  return [...whole, ...single];
}
