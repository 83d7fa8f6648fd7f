import type { ForgottenObject } from '../apply/journal-entry.ts';
import { openJournal } from '../apply/journal.ts';
import { agentTemplate, parseAddress, templateOf } from '../model/address.ts';
import type { DriverName } from '../model/agent.ts';
import { hasErrors, type Diagnostic } from '../model/diagnostic.ts';
import type { ObservedResource } from '../model/observed.ts';
import { systemClock } from '../util/clock.ts';
import { err, ok, type Result } from '../util/result.ts';
import { listAgents } from './list-agents.ts';
import { isNamed, unknownAgents } from './select-agents.ts';
import type { Workspace } from './workspace.ts';

/** What aac is to let go of, as it stands. */
export type Letting =
  | { readonly type: 'agents'; readonly objects: readonly ForgottenObject[] }
  | { readonly type: 'driver'; readonly driver: DriverName };

/**
 * The objects of agents that nobody declares any more, to be let go of. The error says which name means nothing, is
 * declared, belongs to somebody else, or could not be looked at.
 */
export async function agentsToForget(
  workspace: Workspace,
  names: readonly string[],
  signal: AbortSignal,
): Promise<Result<Letting, readonly Diagnostic[]>> {
  const { reading, desired } = workspace;
  if (!desired) return err(workspace.diagnostics); // unparsed is not undeclared
  const { agents, diagnostics } = await listAgents(workspace, [], signal);
  const chosen = agents.filter((agent) => names.some((name) => isNamed(agent, name)));
  const declared = reading.agents.map(({ name }) => name);
  const { scope } = reading.project;
  const problems = [
    ...diagnostics,
    ...unknownAgents(names, agents, declared),
    ...names.flatMap((name) => {
      const agent = name.split('/')[0] ?? name;
      return desired.templates.has(agentTemplate(agent)) ? [declaredStill(agent)] : [];
    }),
    ...chosen.flatMap((object) => {
      const isForeign = scope.type === 'directory' && object.record.directory !== scope.directory;
      return object.record.origin === 'run' || isForeign ? [notManaged(object)] : [];
    }),
  ];
  if (hasErrors(problems)) return err(problems);
  return ok({
    type: 'agents',
    objects: chosen.map(({ address, driver, kind, name, ref }) => ({ address, driver, kind, name, ref })),
  });
}

/** A driver that the journal knows to have been used, and that no manifest asks for any more. */
export function driverToForget(
  { desired, diagnostics, history, reading }: Workspace,
  driver: DriverName,
): Result<Letting, readonly Diagnostic[]> {
  if (!desired) return err(diagnostics);
  const user = [...desired.templates.values()].find((template) => template.driver === driver);
  if (user) {
    return err([
      {
        code: 'invalid-argument',
        severity: 'error',
        message: `\`${user.address}\` is declared to run with the \`${driver}\` driver`,
        hint: 'take its manifest away, or give it another driver, and let go of this one then',
      },
    ]);
  }
  if (history.drivers.has(driver)) return ok({ type: 'driver', driver });
  return err([
    {
      code: 'invalid-argument',
      severity: 'error',
      message: `nothing of \`${reading.project.workspace}\` is known to have been made with the \`${driver}\` driver`,
      hint: `those in use are: ${[...history.drivers].join(', ') || 'none'}`,
    },
  ]);
}

/** Writes into the journal what is let go of; touches nothing else. The caller holds the workspace's lock. */
export async function letGo(folder: string, letting: Letting): Promise<Result<void, Error>> {
  await using journal = await openJournal(folder);
  const what = letting.type === 'driver' ? { driver: letting.driver } : { objects: letting.objects };
  journal.append({ type: 'forgotten', at: new Date(systemClock.now()).toISOString(), ...what });
  return await journal.flush();
}

/** Whether aac has let go of an object: until a manifest declares its agent again. */
export function isForgotten(
  { history, desired }: Pick<Workspace, 'history' | 'desired'>,
  { ref, address }: ObservedResource,
): boolean {
  return history.forgotten.has(ref) && desired?.templates.has(templateOf(address)) !== true;
}

function declaredStill(agent: string): Diagnostic {
  return {
    code: 'invalid-argument',
    severity: 'error',
    message: `\`${agent}\` is declared, so the next apply would only make it again`,
    hint: 'take its manifest away first, and forget it before the next apply',
    address: agentTemplate(agent),
  };
}

function notManaged({ address, record }: ObservedResource): Diagnostic {
  const isRun = record.origin === 'run';
  return {
    code: isRun ? 'invalid-argument' : 'foreign-directory',
    severity: 'error',
    message: isRun
      ? `\`${address}\` was started by \`aac run\`, and no plan is about it anyway`
      : `\`${address}\` was applied from \`${record.directory}\`, another directory of the same name`,
    hint: isRun
      ? `\`aac rm ${parseAddress(address)?.name ?? address}\` takes it away`
      : `give \`--path ${record.directory}\``,
    address,
  };
}
