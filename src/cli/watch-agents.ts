import type { Diagnostic } from '../model/diagnostic.ts';
import { agentsJson, formatAgents, type AgentRow } from '../report/agents-table.ts';
import { canonicalJson } from '../util/json.ts';
import { usedDrivers } from '../runtime/used-drivers.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { systemClock } from '../util/clock.ts';
import { driverChanges } from '../watch/triggers.ts';
import type { CommandContext, CommonOptions } from './context.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { liveView } from './live-view.ts';
import { styleOf } from './present.ts';

/** What is listed of a workspace at a moment. */
export interface AgentsLook {
  readonly rows: readonly AgentRow[];
  /** How many that stand or are declared are left out. */
  readonly hidden: number;
  readonly diagnostics: readonly Diagnostic[];
}

/** The longest time between two looks, in milliseconds: not all that changes is hinted at, and agents grow older. */
const longestPause = 2_000;
/** Changes come in bursts. */
const settling = 100;

/**
 * Shows the agents of a workspace until Ctrl-C, which is the way out of it and no failure: looks anew when a driver
 * hints at a change, and every two seconds. Where it is not drawn in place, only what differs is told.
 */
export async function watchAgents(
  { terminal, interruption }: CommandContext,
  workspace: Workspace,
  format: CommonOptions['format'],
  look: () => Promise<AgentsLook>,
): Promise<ExitCode> {
  const signal = interruption.drain;
  let hint = (): void => undefined;
  for (const name of usedDrivers(workspace)) {
    const driver = await workspace.drivers.open(name);
    if (driver) driverChanges(driver, workspace.reading.project.workspace, systemClock)(() => hint(), signal);
  }
  using view = liveView(terminal);
  const style = styleOf(terminal, 'out');
  let told = '';
  while (!signal.aborted) {
    const changed = new AbortController();
    hint = () => changed.abort();
    const { rows, diagnostics } = await look();
    if (signal.aborted) break;
    const document = agentsJson(rows);
    const now = canonicalJson([agentsJson(rows.map(({ age: _, ...row }) => row)), diagnostics.map(messageOf)]);
    if (format === 'json') {
      if (now !== told) terminal.json(document);
    } else if (view.inPlace || now !== told) {
      view.show(({ width }) => [
        ...formatAgents(rows, { style, width }).trimEnd().split('\n'),
        ...diagnostics.map((each) => style.red(messageOf(each))),
      ]);
    }
    told = now;
    await systemClock.sleep(longestPause, AbortSignal.any([signal, changed.signal])).catch(() => undefined);
    await systemClock.sleep(settling, signal).catch(() => undefined);
  }
  return exitCodes.ok;
}

function messageOf({ message }: Diagnostic): string {
  return message;
}
