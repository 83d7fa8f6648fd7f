import { posix } from 'node:path';
import { agentTemplate } from '../../model/address.ts';
import type { Agent } from '../../model/agent.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { fieldPath } from '../../model/field-path.ts';

/** An error for a health check whose file lies in memory: the engine shows files of disks and volumes alone. */
export function refuseUnseenFile({ name, healthCheck, volumes, source }: Agent): readonly Diagnostic[] {
  if (healthCheck?.type !== 'file') return [];
  const path = posix.normalize(healthCheck.path);
  const around = volumes
    .filter(({ target }) => path.startsWith(`${posix.normalize(target)}/`))
    .sort((left, right) => right.target.length - left.target.length);
  const [innermost] = around;
  if (innermost?.type !== 'tmpfs') return [];
  const range = source.locate(fieldPath('healthCheck', 'path'));
  return [
    {
      code: 'conflicting-fields',
      severity: 'error',
      message: `the health check cannot see \`${healthCheck.path}\`, which lies on the tmpfs at \`${innermost.target}\``,
      hint: 'keep the file on a volume or outside of any, or look for it with a `command`, such as `[test, -f, PATH]`',
      address: agentTemplate(name),
      ...(range ? { range } : {}),
    },
  ];
}
