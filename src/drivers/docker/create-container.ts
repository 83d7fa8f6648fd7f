import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fieldPath } from '../../model/field-path.ts';
import type { DriverError } from '../../model/outcome.ts';
import type { CreateCall } from '../../model/plan.ts';
import { isReference } from '../../model/reference.ts';
import { toAgentSpec, type AgentSpec } from '../../model/spec.ts';
import { sortedEntries } from '../../util/compare.ts';
import { err, ok, type Result } from '../../util/result.ts';
import { referencesOf } from '../compile.ts';
import type { ExecuteContext } from '../driver.ts';
import { fingerprintsOf, readReferences, type ReferencedValues } from '../read-references.ts';
import { ownAddress } from './addresses.ts';
import { containerConfig } from './container-config.ts';
import type { Answer, Engine } from './engine.ts';
import type { ContainerConfig, ContainerDetails } from './engine-types.ts';
import { fileFolders } from './files.ts';
import { makeFiles, sweepFiles } from './make-files.ts';
import { settleContainer } from './not-kept.ts';
import { maxRecordBytes, recordLabels } from './record.ts';
import { containerUser } from './security.ts';
import { readSecurityMaterial } from './security-material.ts';
import { isEdge } from '../../model/address.ts';
import { ensureEdgeImage } from './edge-image.ts';
import { resolverVariable } from './edge-resolvers.ts';
import { attachedName } from './network.ts';
import { recordOf } from '../record-of.ts';
import { nameTaken, standsAlready } from './standing.ts';

/**
 * Creates a container, or finds that the one it would create stands already. Values behind references are read now;
 * of them only fingerprints stay on the container's labels.
 */
export async function createContainer(
  engine: Engine,
  call: CreateCall,
  context: ExecuteContext,
): Promise<Result<{ readonly ref: string }, DriverError>> {
  const { workspace, root, signal } = context;
  const spec = toAgentSpec(call.spec);
  const read = await readReferences(referencesOf(spec), context.values);
  if (!read.ok) return read;
  const record = recordOf(call, context, fingerprintsOf(read.value));
  const labels = recordLabels(record);
  if ('tooLarge' in labels) return err(tooLarge(call, Number(labels.tooLarge)));

  const remote = engine.endpoint.address.type !== 'socket';
  const bindSources = remote ? ok(undefined) : await makeFolders(spec, root);
  if (!bindSources.ok) return bindSources;
  const image = isEdge(call.address) ? await ensureEdgeImage(engine, spec, context) : ok(undefined);
  if (!image.ok) return image;
  const resolvers = isEdge(call.address) ? await resolverVariable(engine, spec) : ok({});
  if (!resolvers.ok) return resolvers;
  const security = await readSecurityMaterial(engine, spec, context);
  if (!security.ok) return security;
  const { name } = call.target;
  const folders = fileFolders(spec, name);
  if (folders.length > 0) {
    const standing = await engine.container(name, signal);
    if (!standing.ok) return standing;
    if (standing.value) return judgeHolder(call, context, standing.value); // its files are there, and in use
  }
  const user = containerUser(spec.security, security.value);
  const owner = { name, address: call.address, image: spec.image ?? '', user };
  const files = folders.length === 0 ? ok('') : await makeFiles(engine, owner, folders, read.value, context);
  if (!files.ok) return explained(engine, owner.image, files.error, signal);
  const ip = await ownAddress(engine, spec.network, name, context);
  const config = containerConfig(spec, {
    workspace,
    root,
    address: call.address,
    environment: { ...environmentOf(spec, read.value), ...resolvers.value },
    labels,
    remote,
    security: security.value,
    ...(call.unrouted ? { unrouted: true } : {}),
    ...(ip === undefined ? {} : { ip }),
    ...(folders.length === 0 ? {} : { files: { name, mountpoint: files.value } }),
  });
  const create = (how: ContainerConfig) => createAttached(engine, name, how, spec, context);
  const created = await create(config);
  if (created.ok) {
    const settled = await settleContainer(engine, { ref: created.value, config, record, create }, context);
    if (settled.ok) return ok({ ref: settled.value });
    if (folders.length > 0) await sweepFiles(engine, workspace, call.address, signal);
    return settled;
  }
  if (created.error.code === 'conflict') return holderOfName(engine, call, context, created.error);
  if (folders.length > 0) await sweepFiles(engine, workspace, call.address, signal); // values do not lie about
  return explained(engine, config.Image, created.error, signal);
}

/** Makes a container and puts it on its further networks too. One that cannot be is taken away again. */
async function createAttached(
  engine: Engine,
  name: string,
  config: ContainerConfig,
  { network }: AgentSpec,
  { workspace, signal }: ExecuteContext,
): Answer<string> {
  const created = await engine.createContainer(name, config, signal);
  if (!created.ok) return created;
  for (const [, other] of sortedEntries(network?.also ?? {})) {
    const found = attachedName(workspace, other);
    const connected = await engine.connect(found, created.value, { Aliases: other.aliases }, signal);
    if (connected.ok) continue;
    await engine.removeContainer(created.value, signal);
    return connected;
  }
  return created;
}

/** All variables, those behind references with their values. */
function environmentOf(spec: AgentSpec, values: ReferencedValues): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(spec.environment).map(([name, declared]) => [
      name,
      isReference(declared) ? (values.get(fieldPath('environment', name)) ?? '') : declared,
    ]),
  );
}

async function makeFolders(spec: AgentSpec, root: string): Promise<Result<undefined, DriverError>> {
  for (const [target, volume] of sortedEntries(spec.volumes)) {
    if (volume.type !== 'bind' || volume.create !== true) continue;
    try {
      await mkdir(resolve(root, volume.source ?? ''), { recursive: true });
    } catch (error) {
      const { code = '', message } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') continue; // a file, which can be mounted as well
      return err({
        code: code === 'EACCES' ? 'denied' : 'invalid',
        retry: 'terminal',
        message: `the folder \`${volume.source ?? ''}\` cannot be made: ${message}`,
        field: fieldPath('volumes', target),
      });
    }
  }
  return ok(undefined);
}

/** The name is taken: by what this very call has made before, which is success, or by something else. */
async function holderOfName(
  engine: Engine,
  call: CreateCall,
  context: ExecuteContext,
  conflict: DriverError,
): Promise<Result<{ readonly ref: string }, DriverError>> {
  const holder = await engine.container(call.target.name, context.signal);
  if (!holder.ok) return holder;
  if (!holder.value) return err({ ...conflict, retry: 'transient' }); // it went away meanwhile
  return judgeHolder(call, context, holder.value);
}

function judgeHolder(
  call: CreateCall,
  context: ExecuteContext,
  { Id, Config: { Labels: labels } }: ContainerDetails,
): Result<{ readonly ref: string }, DriverError> {
  if (standsAlready(labels, call, context)) return ok({ ref: Id });
  return err(nameTaken('container', call.target.name, Id, labels));
}

/** The error, or that the image is missing where that is what the engine means. */
async function explained(
  engine: Engine,
  image: string,
  error: DriverError,
  signal: AbortSignal,
): Promise<Result<never, DriverError>> {
  const found = error.code === 'not-found' ? await engine.image(image, signal) : undefined;
  if (!found?.ok || found.value !== undefined) return err(error);
  return err({
    code: 'not-found',
    retry: 'terminal',
    message: `image \`${image}\` not found locally`,
    hint: 'build or pull it, or let `imagePullPolicy` be `IfNotPresent`',
    field: fieldPath('image'),
  });
}

function tooLarge(call: CreateCall, bytes: number): DriverError {
  return {
    code: 'invalid',
    retry: 'terminal',
    message: `the spec of \`${call.target.name}\` takes ${String(bytes)} bytes, more than the ${String(maxRecordBytes)} that can be recorded on it`,
    hint: 'move long values from the manifest into files or an env file',
  };
}
