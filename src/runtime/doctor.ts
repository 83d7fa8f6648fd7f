import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Driver } from '../drivers/driver.ts';
import type { DriverName } from '../model/agent.ts';
import type { Finding } from '../model/finding.ts';
import { deadlineSignal } from '../util/deadline.ts';
import type { Workspace } from './workspace.ts';

/** What was found out about one driver. */
export interface DriverExamination {
  readonly driver: DriverName;
  /** How many agents of the manifests ask for it. */
  readonly agents: number;
  /** The workspace has used it before. */
  readonly used: boolean;
  readonly findings: readonly Finding[];
}

/** What of this machine aac can use for a workspace. */
export interface Examination {
  readonly workspace: string;
  readonly findings: readonly Finding[];
  readonly drivers: readonly DriverExamination[];
}

/** Milliseconds for an engine to say what it is. */
const examineDeadline = 10_000;

/** Looks at the state folder, the watch and every driver, whether the manifests ask for it or not. Changes nothing. */
export async function examineWorkspace(workspace: Workspace, interruption: AbortSignal): Promise<Examination> {
  const { reading, drivers, history } = workspace;
  const examined = await Promise.all(
    drivers.names.map(async (name): Promise<DriverExamination> => {
      const driver = await drivers.open(name);
      return {
        driver: name,
        agents: reading.agents.filter((agent) => agent.driver === name).length,
        used: history.drivers.has(name),
        findings: driver ? await examineDriver(driver, interruption) : [],
      };
    }),
  );
  return {
    workspace: reading.project.workspace,
    findings: [await stateFinding(workspace.stateFolder), watchFinding(workspace)],
    drivers: examined,
  };
}

/** Whether what the manifests ask for can be done here: every driver they name works, and the state can be kept. */
export function isFit({ findings, drivers }: Examination): boolean {
  const isWhole = (found: readonly Finding[]): boolean => found.every(({ status }) => status !== 'broken');
  const needed = drivers.filter(({ agents, used }) => agents > 0 || used);
  const asked = needed.length > 0 ? needed.every((driver) => isWhole(driver.findings)) : undefined;
  return isWhole(findings) && (asked ?? drivers.some((driver) => isWhole(driver.findings)));
}

async function examineDriver(driver: Driver, interruption: AbortSignal): Promise<readonly Finding[]> {
  const signal = AbortSignal.any([interruption, deadlineSignal(examineDeadline)]);
  const checked = await driver.check(signal);
  const found = checked.ok && driver.examine ? await driver.examine(signal) : checked;
  if (!found.ok) {
    const { message, hint } = found.error;
    return [{ topic: 'engine', status: 'broken', message, ...(hint === undefined ? {} : { hint }) }];
  }
  if ('version' in found.value) return [{ topic: 'engine', status: 'ok', message: found.value.version }];
  return found.value;
}

async function stateFinding(folder: string): Promise<Finding> {
  if (await isWritable(folder)) return { topic: 'state', status: 'ok', message: folder };
  return {
    topic: 'state',
    status: 'broken',
    message: `\`${folder}\` cannot be written to`,
    hint: 'name another folder in AAC_STATE_DIR, or have this one made writable',
  };
}

/** The folder, or where there is none yet, the nearest one above it in which it would be made. */
async function isWritable(folder: string): Promise<boolean> {
  try {
    await access(folder, constants.W_OK);
    return true;
  } catch (thrown) {
    const isAbsent = thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';
    return isAbsent && dirname(folder) !== folder && (await isWritable(dirname(folder)));
  }
}

function watchFinding({ watcher, reading }: Workspace): Finding {
  if (watcher) {
    return { topic: 'watch', status: 'ok', message: `\`${watcher.command}\` since ${watcher.since}` };
  }
  const processes = reading.agents.filter(({ driver }) => driver === 'process').length;
  if (processes === 0) return { topic: 'watch', status: 'ok', message: 'nobody keeps this workspace in sync' };
  return {
    topic: 'watch',
    status: 'limited',
    message: 'nothing restarts local processes that crash',
    hint: '`aac watch --detach` does',
  };
}
