import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fieldPath, type FieldPath } from '../../model/field-path.ts';
import type { DriverError } from '../../model/outcome.ts';
import type { CreateCall } from '../../model/plan.ts';
import { fingerprint, formatReference, isReference, type Fingerprint } from '../../model/reference.ts';
import { toAgentSpec, type AgentSpec } from '../../model/spec.ts';
import { sortedEntries } from '../../util/compare.ts';
import { err, ok, type Result } from '../../util/result.ts';
import type { ExecuteContext } from '../driver.ts';
import { containerConfig } from './container-config.ts';
import type { Engine } from './engine.ts';
import { maxRecordBytes, recordLabels } from './record.ts';
import { nameTaken, recordOf, standsAlready } from './standing.ts';

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
  const environment = await readEnvironment(spec, context);
  if (!environment.ok) return environment;
  const labels = recordLabels(recordOf(call, context, environment.value.fingerprints));
  if ('tooLarge' in labels) return err(tooLarge(call, Number(labels.tooLarge)));

  const remote = engine.endpoint.address.type !== 'socket';
  const folders = remote ? ok(undefined) : await makeFolders(spec, root);
  if (!folders.ok) return folders;
  const { values } = environment.value;
  const config = containerConfig(spec, {
    workspace,
    root,
    address: call.address,
    environment: values,
    labels,
    remote,
  });
  const created = await engine.createContainer(call.target.name, config, signal);
  if (created.ok) return ok({ ref: created.value });
  switch (created.error.code) {
    case 'conflict':
      return holderOfName(engine, call, context, created.error);
    case 'not-found':
      return err(await explainNotFound(engine, config.Image, created.error, signal));
    default:
      return created;
  }
}

interface ReadEnvironment {
  readonly values: Readonly<Record<string, string>>;
  readonly fingerprints: Readonly<Record<FieldPath, Fingerprint>>;
}

async function readEnvironment(
  spec: AgentSpec,
  { values: reader }: ExecuteContext,
): Promise<Result<ReadEnvironment, DriverError>> {
  const values: Record<string, string> = {};
  const fingerprints: Record<FieldPath, Fingerprint> = {};
  for (const [name, declared] of sortedEntries(spec.environment)) {
    if (!isReference(declared)) {
      values[name] = declared;
      continue;
    }
    const field = fieldPath('environment', name);
    const value = await reader.read(declared);
    if (value === undefined) {
      return err({
        code: 'invalid',
        retry: 'terminal',
        message: `\`environment.${name}\`: there is no value for \`${formatReference(declared)}\``,
        hint: 'set it where the reference points to, then apply again',
        field,
      });
    }
    values[name] = value;
    fingerprints[field] = fingerprint(randomBytes(16).toString('hex'), value);
  }
  return ok({ values, fingerprints });
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
  const labels = holder.value.Config.Labels;
  if (standsAlready(labels, call, context)) return ok({ ref: holder.value.Id });
  return err(nameTaken('container', call.target.name, holder.value.Id, labels));
}

async function explainNotFound(
  engine: Engine,
  image: string,
  error: DriverError,
  signal: AbortSignal,
): Promise<DriverError> {
  const found = await engine.image(image, signal);
  if (!found.ok || found.value !== undefined) return error;
  return {
    code: 'not-found',
    retry: 'terminal',
    message: `image \`${image}\` not found locally`,
    hint: 'build or pull it, or let `imagePullPolicy` be `IfNotPresent`',
    field: fieldPath('image'),
  };
}

function tooLarge(call: CreateCall, bytes: number): DriverError {
  return {
    code: 'invalid',
    retry: 'terminal',
    message: `the spec of \`${call.target.name}\` takes ${String(bytes)} bytes, more than the ${String(maxRecordBytes)} that can be recorded on it`,
    hint: 'move long values from the manifest into files or an env file',
  };
}
