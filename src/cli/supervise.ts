import { probeOnce } from '../apply/probe-once.ts';
import { isSuspended, readSuspension } from '../apply/suspension.ts';
import { forgetSupervision, readSupervisions, writeSupervision } from '../apply/supervision-files.ts';
import type { Driver } from '../drivers/driver.ts';
import { parseAddress, templateOf, type Address } from '../model/address.ts';
import type { DriverName } from '../model/agent.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { ObservedResource } from '../model/observed.ts';
import { adoptRenamed } from '../plan/renames.ts';
import { isForgotten } from '../runtime/forget.ts';
import { observeWorkspace } from '../runtime/observe-workspace.ts';
import { usedDrivers } from '../runtime/used-drivers.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { systemClock } from '../util/clock.ts';
import type { Supervised } from '../watch/companion.ts';
import { leftToSupervisor } from '../watch/leave.ts';
import { keepMaintained } from '../watch/maintain.ts';
import { restart } from '../watch/restart.ts';
import type { SharedLock } from '../watch/shared-lock.ts';
import { createSupervisor, type AgentSight } from '../watch/supervisor.ts';
import { driverChanges, type Trigger } from '../watch/triggers.ts';
import type { WatchSink } from '../watch/watch-event.ts';
import type { CommandContext } from './context.ts';
import type { Reconciler } from './reconcile.ts';

/** The supervisor of one workspace, wired to its drivers, its state folder and the terminal. */
export interface WorkspaceSupervision {
  /** What sync runs leave to it. */
  readonly leave: (agent: ObservedResource) => string | undefined;
  /** What drivers hint at, for the sync loop; the supervisor hears it too. */
  readonly changes: Trigger;
  /** A run has ended: drivers that it was the first to use are listened to as well. */
  hint(): void;
  readonly agents: () => readonly Supervised[];
  /** Works until the signal is aborted. */
  run(reconciler: Reconciler, signal: AbortSignal): Promise<void>;
}

/** Wires a supervisor. `lock` is shared with the sync runs of this process. */
export async function superviseWorkspace(
  { terminal, interruption }: CommandContext,
  workspace: Workspace,
  lock: SharedLock<Diagnostic>,
  emit: WatchSink,
): Promise<WorkspaceSupervision> {
  const { stateFolder } = workspace;
  const { project } = workspace.reading;
  const drivers = await openAll(workspace);
  const used = new Set(usedDrivers(workspace));
  let suspension = await readSuspension(stateFolder);
  const restartsEnded = ({ driver }: ObservedResource): boolean => drivers.get(driver)?.restarts === 'watch';
  const say = (line: string): void => terminal.error(`${line}\n`);
  let reconciler: Reconciler | undefined;

  const observe = async (signal: AbortSignal): Promise<AgentSight> => {
    suspension = await readSuspension(stateFolder);
    const { observed, diagnostics } = await observeWorkspace(project, undefined, used, workspace.drivers, signal);
    const agents = adoptRenamed([...observed.resources.values()].flat(), (reconciler?.inForce() ?? workspace).desired)
      .filter(({ kind, record }) => kind === 'agent' && record.origin === 'manifest')
      .filter((agent) => !isForgotten(reconciler?.inForce() ?? workspace, agent));
    return { agents, complete: diagnostics.length === 0 };
  };
  const supervisor = createSupervisor({
    observe,
    restart: async (agent, supervision, begin, signal) => {
      const driver = drivers.get(agent.driver);
      if (!driver) return { type: 'moot' };
      const { values } = (reconciler?.inForce() ?? workspace).reading;
      const { directory } = project.scope;
      const context = {
        workspace: project.workspace,
        root: project.root,
        directory,
        origin: 'manifest',
        values,
      } as const;
      return restart(
        agent,
        supervision,
        { driver, context, lock, clock: systemClock, signal, abort: interruption.abort },
        begin,
      );
    },
    probe: async ({ driver, ref }, check, signal) => {
      const prober = drivers.get(driver);
      if (!prober) return { status: 'error', message: `there is no driver \`${driver}\`` };
      return probeOnce(prober, ref, check, { clock: systemClock, signal });
    },
    restartsEnded,
    isBusy: (ref) => reconciler?.isBusy(ref) ?? false,
    isLeft: ({ address }) => isSuspended(suspension, parseAddress(address)?.name ?? ''),
    memory: {
      read: () => readSupervisions(stateFolder),
      write: (name, supervision) => writeSupervision(stateFolder, name, supervision),
      forget: (name) => forgetSupervision(stateFolder, name),
    },
    clock: systemClock,
    random: Math.random,
    say,
    emit: (event) => {
      emit(event);
      if (event.type === 'unhealthy' || event.type === 'gave-up') tellDependents(event.address);
    },
  });

  /** Who depends on an agent that is not well is named, as it may not be well either soon. */
  function tellDependents(address: Address): void {
    const template = templateOf(address);
    const dependents = supervisor.agents().filter(({ agent }) => agent.record.dependsOn.includes(template));
    if (dependents.length === 0) return;
    const verb = dependents.length === 1 ? 'depends' : 'depend';
    emit({ type: 'dependency-unwell', address, dependents: dependents.map(({ agent }) => agent.address) });
    say(`${dependents.map(({ agent }) => agent.address).join(', ')} ${verb} on ${address}`);
  }
  let listen: (driver: Driver) => void = () => undefined;

  return {
    leave: (agent) => leftToSupervisor(agent, restartsEnded(agent), systemClock.now()),
    changes: (trigger, signal) => {
      const heard = (reason: string): void => {
        supervisor.hint();
        trigger(reason);
      };
      listen = (driver) => driverChanges(driver, project.workspace, systemClock)(heard, signal);
      for (const driver of drivers.values()) if (used.has(driver.name)) listen(driver);
    },
    hint: () => {
      for (const { driver: name } of reconciler?.inForce()?.desired?.templates.values() ?? []) {
        if (used.has(name)) continue;
        used.add(name);
        const driver = drivers.get(name);
        if (driver) listen(driver);
      }
      supervisor.hint();
    },
    agents: () => supervisor.agents(),
    run: async (syncs, signal) => {
      reconciler = syncs;
      const maintained = [...drivers.values()].map((driver) =>
        keepMaintained(driver, project.workspace, { clock: systemClock, say, signal }),
      );
      await Promise.all([supervisor.run(signal), ...maintained]);
    },
  };
}

async function openAll({ drivers }: Workspace): Promise<ReadonlyMap<DriverName, Driver>> {
  const opened = new Map<DriverName, Driver>();
  for (const name of drivers.names) {
    const driver = await drivers.open(name);
    if (driver) opened.set(name, driver);
  }
  return opened;
}
