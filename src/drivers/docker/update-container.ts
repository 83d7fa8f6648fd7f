import { fieldPath, type FieldPath } from '../../model/field-path.ts';
import type { DriverError } from '../../model/outcome.ts';
import type { Call } from '../../model/plan.ts';
import { toAgentSpec, type RestartPolicySpec } from '../../model/spec.ts';
import { canonicalJson, equalJson, type Json } from '../../util/json.ts';
import { err, ok } from '../../util/result.ts';
import type { ExecuteContext } from '../driver.ts';
import type { Answer, Engine } from './engine.ts';
import type { ContainerDetails, HostResources } from './engine-types.ts';
import { readRecord } from './record.ts';
import { liveLimits, liveRestartPolicy, updateBody, type LiveChanges } from './resources.ts';
import { findContainer, goneError } from './target.ts';

type UpdateCall = Extract<Call, { readonly verb: 'update' }>;

const paths = {
  cpu: fieldPath('resources', 'limits', 'cpu'),
  memory: fieldPath('resources', 'limits', 'memory'),
  pids: fieldPath('resources', 'limits', 'pids'),
  restartName: fieldPath('restartPolicy', 'name'),
  restartRetries: fieldPath('restartPolicy', 'maxRetries'),
} as const;

/**
 * Sets fields of a container while it runs. The engine answers 200 to changes that it does not make, so the container
 * is looked at afterwards, and a field that did not take is an error.
 */
export async function updateContainer(engine: Engine, call: UpdateCall, context: ExecuteContext) {
  const { signal } = context;
  const before = await findContainer(engine, call, context, signal);
  if (!before.ok) return before;
  if (!before.value) return err(goneError(call));
  const ref = before.value.Id;
  const live = liveFields(before.value);
  const changed = Object.keys(call.fields).filter((path) => differs(call, live, path as FieldPath)) as FieldPath[];
  if (changed.length === 0) return ok({ ref });
  const body = updateBody(changesOf(call, changed, live), before.value.HostConfig);
  const [first] = changed;
  if (first !== undefined && Object.keys(body).length === 0) return err(notTaken(call, first, live[first]));
  return carryOut(engine, call, { ref, body, signal });
}

async function carryOut(
  engine: Engine,
  call: UpdateCall,
  { ref, body, signal }: { readonly ref: string; readonly body: HostResources; readonly signal: AbortSignal },
): Answer<{ readonly ref: string }> {
  const updated = await engine.update(ref, body, signal);
  if (!updated.ok) return updated;
  const after = await engine.container(ref, signal);
  if (!after.ok) return after;
  if (!after.value) return err(goneError(call));
  const live = liveFields(after.value);
  const ignored = Object.keys(call.fields).find((path) => differs(call, live, path as FieldPath)) as
    FieldPath | undefined;
  return ignored === undefined ? ok({ ref }) : err(notTaken(call, ignored, live[ignored]));
}

type LiveFields = Readonly<Record<FieldPath, Json>>;

function liveFields(container: ContainerDetails): LiveFields {
  const recorded = readRecord(container.Config.Labels);
  const policy: RestartPolicySpec = recorded
    ? toAgentSpec(recorded.lastApplied).restartPolicy
    : { name: 'always', maxRetries: 0 };
  const limits = liveLimits(container.HostConfig);
  const { name, maxRetries } = liveRestartPolicy(container.HostConfig, policy);
  return {
    [paths.cpu]: limits.cpu,
    [paths.memory]: limits.memory,
    [paths.pids]: limits.pids,
    [paths.restartName]: name,
    [paths.restartRetries]: maxRetries,
  };
}

function differs(call: UpdateCall, live: LiveFields, path: FieldPath): boolean {
  // a number of retries means nothing, and is held nowhere, unless failures are retried
  if (path === paths.restartRetries && (call.fields[paths.restartName] ?? live[paths.restartName]) !== 'on-failure') {
    return false;
  }
  return !equalJson(call.fields[path], live[path]);
}

function changesOf({ fields }: UpdateCall, changed: readonly FieldPath[], live: LiveFields): LiveChanges {
  const limit = (path: FieldPath) => (changed.includes(path) ? { value: fields[path] as number | null } : undefined);
  const [cpu, memory, pids] = [limit(paths.cpu), limit(paths.memory), limit(paths.pids)];
  const restart = changed.includes(paths.restartName) || changed.includes(paths.restartRetries);
  return {
    limits: {
      ...(cpu ? { cpu: cpu.value } : {}),
      ...(memory ? { memory: memory.value } : {}),
      ...(pids ? { pids: pids.value } : {}),
    },
    ...(restart
      ? {
          restartPolicy: {
            name: (fields[paths.restartName] ?? live[paths.restartName]) as RestartPolicySpec['name'],
            maxRetries: (fields[paths.restartRetries] ?? live[paths.restartRetries]) as number,
          },
        }
      : {}),
  };
}

function notTaken(call: UpdateCall, field: FieldPath, live: Json | undefined): DriverError {
  return {
    code: 'invalid',
    retry: 'terminal',
    message: `the engine did not change \`${field.slice(1).replaceAll('/', '.')}\` of \`${call.target.name}\`: it is ${canonicalJson(live ?? null)}`,
    hint: `\`aac apply --replace ${call.address}\` makes it anew`,
    field,
  };
}
