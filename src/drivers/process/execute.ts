import type { DriverError } from '../../model/outcome.ts';
import type { Call } from '../../model/plan.ts';
import { toAgentSpec } from '../../model/spec.ts';
import { withFields } from '../../model/version.ts';
import { assertNever } from '../../util/assert-never.ts';
import { err, ok, type Result } from '../../util/result.ts';
import type { ExecuteContext } from '../driver.ts';
import { discardCgroup } from './cgroup.ts';
import { create } from './create.ts';
import { failure } from './failure.ts';
import type { Host } from './host.ts';
import { cookieOf } from './instance.ts';
import { findInstance } from './find-instance.ts';
import { enforceAnew, treeOf } from './limits.ts';
import type { PortAllocator } from './ports.ts';
import { groupOf, leadAway, leadTo } from './routes.ts';
import { stopSignal } from './send-signal.ts';
import { listProcesses, runningIdentity, type Sighting } from './sighting.ts';
import { start } from './start.ts';
import { stopTree, type StopOrder } from './stop-tree.ts';
import { isFolderName } from './store.ts';

type Executed = Result<{ readonly ref?: string }, DriverError>;

/** Carries out one call of a plan. */
export async function execute(
  host: Host,
  allocator: PortAllocator,
  call: Call,
  context: ExecuteContext,
): Promise<Executed> {
  if (call.kind !== 'agent' || !isFolderName(call.target.name)) {
    return err(failure('invalid', `the process driver has no ${call.kind} \`${call.target.name}\``));
  }
  if (call.verb === 'pull') return ok({});
  if (call.verb === 'create') return create(host, allocator, call, context);
  const located = await locate(host, call, context);
  if (!located.ok) return located;
  const sighting = located.value;
  switch (call.verb) {
    case 'start':
      return sighting ? start(host, sighting, context) : err(gone(call));
    case 'update':
      return sighting ? update(host, sighting, call.fields) : err(gone(call));
    case 'route':
    case 'unroute':
      if (!sighting) return call.verb === 'unroute' ? ok({}) : err(gone(call));
      return route(host, sighting, call.verb === 'route' ? 'ready' : 'draining');
    case 'stop':
      return sighting ? stop(host, sighting, { gracePeriod: call.gracePeriod, abort: context.signal }) : ok({});
    case 'remove':
      return sighting ? remove(host, sighting, context.signal) : ok({});
    default:
      return assertNever(call);
  }
}

/** The object a call is about, its ownership and ref checked; a folder that was lost is written again. */
async function locate(
  host: Host,
  call: Call,
  context: ExecuteContext,
): Promise<Result<Sighting | undefined, DriverError>> {
  const { name, ref } = call.target;
  const found = await findInstance(host, context.workspace, name, ref);
  if (!found.ok) return found;
  const standing = found.value;
  if (!standing) {
    if (ref === undefined) return ok(undefined);
    const successor = await findInstance(host, context.workspace, name, undefined);
    if (!successor.ok) return successor;
    return successor.value ? err(moved(call)) : ok(undefined);
  }
  const { record } = standing.instance;
  if (record.workspace !== context.workspace || record.address !== call.address) {
    const whose = `\`${record.address}\` of workspace \`${record.workspace}\``;
    return err(failure('conflict', `\`${name}\` is ${whose}, not \`${call.address}\``, { hint: 'plan again' }));
  }
  await restore(host, standing);
  return ok(standing);
}

/** Gives a process back the folder it has lost, unless a successor has it. */
async function restore(host: Host, { instance, run }: Sighting): Promise<void> {
  const store = host.store(instance.record.workspace);
  const stored = await store.read(instance.name);
  if (!run || !stored.ok || stored.value) return;
  if (await store.add(instance)) await store.claimRun(instance.name, run);
}

async function stop(
  host: Host,
  { instance, run, state }: Sighting,
  options: Pick<StopOrder, 'gracePeriod' | 'abort'>,
): Promise<Executed> {
  const ref = cookieOf(instance);
  if (!run || state.phase === 'created') return ok({ ref });
  if (state.phase === 'exited' && state.leftovers.length === 0) return ok({ ref });
  if (state.phase === 'starting') {
    return err(failure('not-ready', 'another aac is starting it', { retry: 'transient' }));
  }
  const store = host.store(instance.record.workspace);
  const latch = state.phase === 'running' ? runningIdentity(instance, run, state.latch) : undefined;
  const stored = await store.read(instance.name);
  if (latch && stored.ok && stored.value?.nonce === instance.nonce) {
    const process = { pid: latch.pid, started: latch.started, sid: latch.sid };
    const stopRequestedAt = new Date(host.clock.now()).toISOString();
    await store.writeRun(instance.name, { ...run, process, stopRequestedAt });
  }
  const { signal } = toAgentSpec(instance.record.lastApplied).stop;
  const left = await stopTree(host.system, host.clock, {
    ...options,
    ...treeOf(instance, run, latch),
    signal: stopSignal(signal),
  });
  return left.length === 0 ? ok({ ref }) : err(survived(left.length, listProcesses(left)));
}

async function remove(host: Host, { instance, run, state }: Sighting, abort: AbortSignal): Promise<Executed> {
  if (state.phase === 'running' || state.phase === 'starting') {
    return err(failure('conflict', `\`${instance.name}\` is running`, { hint: 'stop it first' }));
  }
  if (state.phase === 'exited' && state.leftovers.length > 0) {
    const order: StopOrder = { cookie: cookieOf(instance), signal: 'SIGKILL', gracePeriod: 0, abort };
    const left = await stopTree(host.system, host.clock, order);
    if (left.length > 0) return err(survived(left.length, listProcesses(left)));
  }
  if (run?.cgroup) await discardCgroup(run.cgroup);
  await leadAway(host, instance); // first: a folder without a route is seen again, a route without a folder never
  await host.store(instance.record.workspace).remove(instance.name);
  return ok({});
}

/** Has the edge lead to it, or send it nothing new. */
async function route(host: Host, { instance }: Sighting, state: 'ready' | 'draining'): Promise<Executed> {
  if (groupOf(instance) === undefined) {
    return err(failure('invalid', `the edge holds no port of \`${instance.name}\`, so it cannot lead there`));
  }
  await leadTo(host, instance, state);
  return ok({ ref: cookieOf(instance) });
}

/** Limits change for what runs; the other fields that change in place are the supervisor's, and recording them is all. */
async function update(
  host: Host,
  { instance, run, state }: Sighting,
  fields: Extract<Call, { verb: 'update' }>['fields'],
): Promise<Executed> {
  const store = host.store(instance.record.workspace);
  const stored = await store.read(instance.name);
  if (!stored.ok) return stored;
  if (stored.value?.nonce !== instance.nonce) {
    return err(failure('conflict', `\`${instance.name}\` has a successor of the same name`, { hint: 'plan again' }));
  }
  const lastApplied = withFields(instance.record.lastApplied, fields);
  const updated = { ...instance, record: { ...instance.record, lastApplied } };
  if (run && state.phase === 'running') {
    const tree = treeOf(instance, run, runningIdentity(instance, run, state.latch));
    const enforced = await enforceAnew(host, updated, run, tree); // before it is recorded: what is recorded is so
    if (!enforced.ok) return enforced;
  }
  await store.write(updated);
  return ok({ ref: cookieOf(instance) });
}

function gone(call: Call): DriverError {
  return failure('not-found', `\`${call.target.name}\` is gone`, { hint: 'plan again' });
}

function moved(call: Call): DriverError {
  return failure('moved', `\`${call.target.name}\` is no longer the object that was planned for`, {
    hint: 'plan again',
  });
}

function survived(count: number, who: string): DriverError {
  return failure('internal', `${String(count)} of its processes would not die: ${who}`, {
    hint: 'a process that waits for the kernel ends when that wait does; apply again then',
  });
}
