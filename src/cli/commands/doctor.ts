import { examinationJson, formatExamination, type ExaminedPart } from '../../report/examination.ts';
import { examineWorkspace, isFit, type DriverExamination } from '../../runtime/doctor.ts';
import { openWorkspace } from '../../runtime/workspace.ts';
import type { CommandContext, CommonOptions } from '../context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { ended, hideSensitive, styleOf } from '../present.ts';
import { version } from '../version.ts';

/** `aac doctor`: what of this machine aac can use, and what to do about what it cannot. Works without any manifest. */
export async function doctor(
  { terminal, surroundings, interruption }: CommandContext,
  path: string,
  { format }: Pick<CommonOptions, 'format'>,
): Promise<ExitCode> {
  await using workspace = await openWorkspace(path, surroundings, { signal: interruption.drain });
  hideSensitive(terminal, workspace.reading);
  const examination = await examineWorkspace(workspace, interruption.drain);
  if (interruption.drain.aborted) return exitCodes.interrupted;
  const parts: readonly ExaminedPart[] = [
    {
      name: 'aac',
      remark: `${version} on Node ${process.versions.node}, workspace ${examination.workspace}`,
      findings: examination.findings,
    },
    ...examination.drivers.map((driver) => ({
      name: driver.driver,
      remark: remarkOf(driver),
      findings: driver.findings,
    })),
  ];
  const fit = isFit(examination);
  if (format === 'json') terminal.json(examinationJson(parts, examination.workspace, fit), 2);
  else terminal.out(ended(formatExamination(parts, styleOf(terminal, 'out'))));
  return fit ? exitCodes.ok : exitCodes.failed;
}

function remarkOf({ agents, used }: DriverExamination): string {
  if (agents > 0) return agents === 1 ? '1 agent uses it' : `${String(agents)} agents use it`;
  return used ? 'used before' : 'no agent uses it';
}
