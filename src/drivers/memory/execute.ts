import { randomBytes } from 'node:crypto';
import { fieldPath, type FieldPath } from '../../model/field-path.ts';
import type { DriverError } from '../../model/outcome.ts';
import type { Call, CreateCall } from '../../model/plan.ts';
import { fingerprint, formatReference, isReference, type Fingerprint } from '../../model/reference.ts';
import { toAgentSpec } from '../../model/spec.ts';
import { isRunning, withFields } from '../../model/version.ts';
import { err, ok, type Result } from '../../util/result.ts';
import type { ExecuteContext, LogLine } from '../driver.ts';
import type { MemoryObject, MemoryWorld } from './memory-world.ts';
import { heldPorts, isOwn, type OwnObject } from './observe.ts';

type Executed = Result<{ readonly ref?: string }, DriverError>;

/** Has a call take its effect on the world. */
export async function execute(world: MemoryWorld, call: Call, context: ExecuteContext): Promise<Executed> {
  switch (call.verb) {
    case 'pull':
      return pull(world, call.image);
    case 'create':
      return create(world, call, context);
    case 'start':
    case 'update':
    case 'route':
    case 'unroute':
    case 'stop':
    case 'remove':
      return onStanding(world, call, context);
  }
}

function pull(world: MemoryWorld, image: string): Executed {
  const id = world.registry.get(image) ?? world.images.get(image);
  if (id === undefined) return failed('not-found', `the registry has no image \`${image}\``);
  world.images.set(image, id);
  return ok({});
}

async function create(world: MemoryWorld, call: CreateCall, context: ExecuteContext): Promise<Executed> {
  const values = call.kind === 'agent' ? await environmentOf(call, context) : ok({});
  if (!values.ok) return values;
  const standing = world.find(call.kind, call.target.name);
  if (standing) return isTheSame(standing, call, context) ? ok({ ref: standing.ref }) : taken(standing);
  const spec = toAgentSpec(call.spec);
  const imageId = spec.image === undefined ? undefined : world.images.get(spec.image);
  if (spec.image !== undefined && imageId === undefined) return failed('not-found', `no such image: \`${spec.image}\``);
  const ref = `memory-${String(world.next())}`;
  const { workspace, directory, origin } = context;
  const { address, specHash, dependsOn, protect, manifest, target } = call;
  world.put({
    kind: call.kind,
    name: target.name,
    ref,
    record: {
      workspace,
      address,
      specHash,
      generation: target.generation,
      lastApplied: call.spec,
      fingerprints: fingerprintsOf(call, values.value),
      dependsOn,
      protect,
      manifest,
      directory,
      origin: call.kind === 'agent' ? origin : 'manifest',
    },
    live: call.spec,
    environment: values.value,
    phase: call.kind === 'agent' ? 'created' : 'exists',
    ...(call.unrouted ? { unrouted: true } : {}),
    restarts: 0,
    createdAt: world.time(),
    ...(imageId === undefined ? {} : { imageId }),
    published: {},
    log: [],
  });
  return ok({ ref });
}

function onStanding(
  world: MemoryWorld,
  call: Exclude<Call, { verb: 'pull' | 'create' }>,
  context: ExecuteContext,
): Executed {
  const { name, ref } = call.target;
  const object = world.find(call.kind, name);
  if (!object)
    return call.verb === 'unroute' || call.verb === 'stop' || call.verb === 'remove'
      ? ok({})
      : failed('not-found', `\`${name}\` is gone`);
  if (!isOwn(object, context.workspace)) return taken(object);
  if (ref !== undefined && object.ref !== ref) return failed('moved', `another object has the name \`${name}\` now`);
  switch (call.verb) {
    case 'start':
      return start(world, object);
    case 'update':
      world.put({ ...object, live: withFields(object.live, call.fields) });
      return ok({ ref: object.ref });
    case 'route':
    case 'unroute':
      world.put({ ...object, unrouted: call.verb === 'unroute' });
      return ok({ ref: object.ref });
    case 'stop':
      if (isRunning(object)) world.put({ ...object, phase: 'exited', exitCode: stopCode(world, object) });
      return ok({ ref: object.ref });
    case 'remove': {
      const user = object.kind === 'agent' ? undefined : world.objects.find((other) => stands(other, object));
      if (user) return failed('conflict', `\`${name}\` is in use by \`${user.name}\``);
      world.delete(object);
      return ok({ ref: object.ref });
    }
  }
}

function start(world: MemoryWorld, object: OwnObject): Executed {
  if (object.kind !== 'agent' || isRunning(object)) return ok({ ref: object.ref });
  const { ports, restartPolicy } = toAgentSpec(object.live);
  const asked = Object.entries(ports);
  const held = new Set(asked.length === 0 ? [] : world.objects.flatMap(heldPorts).map((port) => port.port));
  const published: Record<string, number> = {};
  for (const [port, { host }] of asked) {
    const number = Number(host) || 40_000 + world.next();
    if (held.has(number))
      return failed('conflict', `port ${String(number)} is already in use`, fieldPath('ports', port));
    published[port] = number;
  }
  const { prints, exitCode } = world.programOf(object);
  const log: readonly LogLine[] = [
    ...object.log,
    ...prints.map((text): LogLine => ({ stream: 'stdout', text, time: world.time() })),
  ];
  const running: MemoryObject = { ...object, phase: 'running', published, log, startedAt: world.time() };
  const restarts = restartPolicy.name === 'always' || (restartPolicy.name === 'on-failure' && exitCode !== 0);
  if (exitCode === undefined) world.put(running);
  else world.put({ ...running, phase: restarts ? 'restarting' : 'exited', exitCode });
  return ok({ ref: object.ref });
}

function stopCode(world: MemoryWorld, object: MemoryObject): number {
  const { onStop } = world.programOf(object);
  return onStop === 'ignores' ? 137 : onStop;
}

function isTheSame(standing: MemoryObject, call: CreateCall, context: ExecuteContext): boolean {
  const { record } = standing;
  return (
    record?.workspace === context.workspace &&
    record.address === call.address &&
    record.specHash === call.specHash &&
    record.generation === call.target.generation
  );
}

/** Whether `user` needs `object`, a network or volume, as long as it exists. */
function stands(user: MemoryObject, object: OwnObject): boolean {
  if (user.record?.workspace !== object.record.workspace || user.kind !== 'agent') return false;
  return user.record.dependsOn.some((address) => String(address) === object.record.address);
}

async function environmentOf(
  call: CreateCall,
  context: ExecuteContext,
): Promise<Result<Readonly<Record<string, string>>, DriverError>> {
  const values: Record<string, string> = {};
  for (const [name, declared] of Object.entries(toAgentSpec(call.spec).environment)) {
    const value = isReference(declared) ? await context.values.read(declared) : declared;
    if (value === undefined) {
      const reference = isReference(declared) ? formatReference(declared) : name;
      return failed('invalid', `there is no value for \`${reference}\``, fieldPath('environment', name));
    }
    values[name] = value;
  }
  return ok(values);
}

function fingerprintsOf(
  call: CreateCall,
  values: Readonly<Record<string, string>>,
): Readonly<Record<FieldPath, Fingerprint>> {
  if (call.kind !== 'agent') return {};
  const references = Object.entries(toAgentSpec(call.spec).environment).filter(([, declared]) => isReference(declared));
  return Object.fromEntries(
    references.map(([name]) => [
      fieldPath('environment', name),
      fingerprint(randomBytes(16).toString('hex'), values[name] ?? ''),
    ]),
  );
}

function taken(object: MemoryObject) {
  return failed('conflict', `the name \`${object.name}\` is taken by something that is not this workspace's`);
}

function failed(code: DriverError['code'], message: string, field?: FieldPath) {
  const error: DriverError = { code, retry: 'terminal', message, ...(field === undefined ? {} : { field }) };
  return err(error);
}
