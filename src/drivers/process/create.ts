import { randomBytes } from 'node:crypto';
import type { DriverError } from '../../model/outcome.ts';
import type { CreateCall } from '../../model/plan.ts';
import { toAgentSpec } from '../../model/spec.ts';
import { err, ok, type Result } from '../../util/result.ts';
import type { ExecuteContext } from '../driver.ts';
import { fingerprintsOf } from '../read-references.ts';
import { recordOf } from '../record-of.ts';
import { failure } from './failure.ts';
import type { Host } from './host.ts';
import { cookieOf, type Instance } from './instance.ts';
import { findInstance } from './find-instance.ts';
import type { PortAllocator } from './ports.ts';
import { readValues } from './read-environment.ts';
import { leadAway, leadTo } from './routes.ts';

/** Makes an instance's folder. Nothing runs yet, and of referenced values only fingerprints are kept. */
export async function create(
  host: Host,
  allocator: PortAllocator,
  call: CreateCall,
  context: ExecuteContext,
): Promise<Result<{ readonly ref: string }, DriverError>> {
  const standing = await findInstance(host, context.workspace, call.target.name, undefined);
  if (!standing.ok) return standing;
  if (standing.value) return sameObject(host, standing.value.instance, call, context);

  const spec = toAgentSpec(call.spec);
  const values = await readValues(spec, context.values);
  if (!values.ok) return values;
  const store = host.store(context.workspace);
  const instance: Instance = {
    format: 1,
    name: call.target.name,
    nonce: randomBytes(16).toString('hex'),
    record: recordOf(call, context, fingerprintsOf(values.value.referenced)),
    ports: await allocator.allocate(spec.ports, () => portsOf(host, context.workspace)),
    createdAt: new Date(host.clock.now()).toISOString(),
  };
  if (await store.add(instance)) {
    // the edge leads to it from the start, unless it is to be led to once it is ready
    await (call.unrouted ? leadAway(host, instance) : leadTo(host, instance, 'ready'));
    return ok({ ref: cookieOf(instance) });
  }
  const winner = await store.read(instance.name); // another aac was faster
  if (!winner.ok) return winner;
  if (winner.value) return sameObject(host, winner.value, call, context);
  return err(failure('conflict', `\`${store.files(instance.name).folder}\` is in the way and is not ours`));
}

/** Success when what stands is what was asked for. */
async function sameObject(
  host: Host,
  instance: Instance,
  call: CreateCall,
  context: ExecuteContext,
): Promise<Result<{ readonly ref: string }, DriverError>> {
  const { record } = instance;
  const same =
    record.workspace === context.workspace &&
    record.address === call.address &&
    record.specHash === call.specHash &&
    record.generation === call.target.generation;
  if (same) {
    if (!call.unrouted) await leadTo(host, instance, 'ready');
    return ok({ ref: cookieOf(instance) });
  }
  return err(
    failure('conflict', `\`${instance.name}\` stands already, for \`${record.address}\``, { hint: 'plan again' }),
  );
}

async function portsOf(host: Host, workspace: string): Promise<readonly number[]> {
  const store = host.store(workspace);
  const read = await Promise.all((await store.names()).map((name) => store.read(name)));
  return read.flatMap((result) =>
    result.ok && result.value ? Object.values(result.value.ports).map(({ host: port }) => port) : [],
  );
}
