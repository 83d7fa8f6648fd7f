import type { Agent, Deployment, SecurityContext } from '../../model/agent.ts';
import type { RestartPolicySpec } from '../../model/spec.ts';
import type { Json } from '../../util/json.ts';
import { equalJson } from '../../util/json.ts';
import { defined } from '../defined.ts';
import { placesOf } from '../json-schema.ts';
import { isWritten } from '../source-tree.ts';
import { isProfileName } from '../profiles.ts';
import { didYouMean } from '../nearest-word.ts';
import { agentSpecSchema } from '../schema/agent.ts';
import { below, fieldPlace, type ResolveContext } from './context.ts';
import { fromRoot } from './volumes.ts';

/** What the agent's process may do. */
export function resolveSecurity(context: ResolveContext): SecurityContext {
  const security = context.merged.fields.security ?? {};
  if (security.runAsNonRoot && security.runAsUser === 0) {
    context.reporter.error(
      'conflicting-fields',
      '`runAsUser: 0` is root, which `runAsNonRoot` forbids',
      fieldPlace(context, 'security', 'runAsUser'),
      { related: [{ message: 'forbidden here', place: fieldPlace(context, 'security', 'runAsNonRoot') }] },
    );
  }
  return {
    ...defined({
      runAsUser: security.runAsUser,
      runAsGroup: security.runAsGroup,
      runAsNonRoot: security.runAsNonRoot,
      seccompProfile: seccompProfileOf(context, security.seccompProfile),
    }),
    readOnlyRootFilesystem: security.readOnlyRootFilesystem ?? false,
    capabilities: { add: security.capabilities?.add ?? [], drop: security.capabilities?.drop ?? [] },
    noNewPrivileges: security.noNewPrivileges ?? true,
  };
}

function seccompProfileOf(context: ResolveContext, written: string | undefined): SecurityContext['seccompProfile'] {
  if (written === undefined || isProfileName(written)) return written;
  const place = fieldPlace(context, 'security', 'seccompProfile');
  const path = fromRoot(place.document.file.path, written);
  const profile = context.profiles.get(path);
  if (profile && 'sha256' in profile) return { path, sha256: profile.sha256 };
  context.reporter.error(
    'path-not-found',
    `the seccomp profile \`${written}\` ${profile?.fault ?? 'was not read'}`,
    place,
    { hint: 'give `default`, `unconfined`, or the path of a JSON file relative to the manifest' },
  );
  return undefined;
}

/** What happens when the process ends. */
export function resolveRestartPolicy(context: ResolveContext): RestartPolicySpec {
  const { name = 'always', maxRetries } = context.merged.fields.restartPolicy ?? {};
  if (maxRetries !== undefined && name !== 'on-failure') {
    context.reporter.error(
      'conflicting-fields',
      `\`maxRetries\` means nothing beside \`${name}\``,
      fieldPlace(context, 'restartPolicy', 'maxRetries'),
      { hint: 'it goes with `name: on-failure`', part: 'key' },
    );
  }
  return { name, maxRetries: maxRetries ?? 0 };
}

/** How a new version takes the place of the old. */
export function resolveDeployment(context: ResolveContext): Deployment {
  const written = context.merged.fields.deployment ?? {};
  const { strategy, maxSurge = 1, maxUnavailable = 0 } = written;
  if (strategy !== 'recreate' && maxSurge === 0 && maxUnavailable === 0) {
    context.reporter.error(
      'conflicting-fields',
      '`maxSurge` and `maxUnavailable` are both 0, so that nothing could ever be replaced',
      fieldPlace(context, 'deployment', 'maxSurge'),
      { hint: 'allow at least one of them' },
    );
  }
  if (strategy === 'recreate') refuseRollingFields(context);
  return {
    ...defined({ strategy }),
    maxSurge,
    maxUnavailable,
    minReadySeconds: written.minReadySeconds ?? 0,
    progressDeadline: written.progressDeadline ?? 600_000,
    autoRollback: written.autoRollback ?? false,
  };
}

/** What came with the project's `strategy: rolling` is no contradiction to an agent's `recreate`. */
function refuseRollingFields(context: ResolveContext): void {
  const own = context.merged.layers.find((layer) => layer.spec.deployment?.strategy === 'recreate');
  for (const field of ['maxSurge', 'maxUnavailable'] as const) {
    if (own?.spec.deployment?.[field] === undefined) continue;
    const at = fieldPlace(context, 'deployment', field);
    context.reporter.error('conflicting-fields', `\`${field}\` means nothing beside \`strategy: recreate\``, at, {
      hint: 'it goes with `strategy: rolling`',
      part: 'key',
    });
  }
}

/** Protection, and the fields that are let be. */
export function resolveLifecycle(context: ResolveContext): Agent['lifecycle'] {
  const { protect = false, ignoreDifferences = [], bestEffort = [] } = context.merged.fields.lifecycle ?? {};
  const names = { ignoreDifferences, bestEffort };
  for (const list of ['ignoreDifferences', 'bestEffort'] as const) {
    names[list].forEach((field, index) => {
      checkFieldName(context, list, field, index);
    });
  }
  const withoutSpec = (field: string): string => field.replace(/^spec\./, '');
  return { protect, ignoreDifferences: ignoreDifferences.map(withoutSpec), bestEffort: bestEffort.map(withoutSpec) };
}

function checkFieldName(context: ResolveContext, list: string, field: string, index: number): void {
  const [head = ''] = field.replace(/^spec\./, '').split('.');
  if (Object.hasOwn(agentSpecSchema.shape, head) || (list === 'ignoreDifferences' && head === 'labels')) return;
  const elsewhere = placesOf('Agent', head)[0]?.filter((segment) => segment !== 'spec');
  const hint =
    didYouMean(head, Object.keys(agentSpecSchema.shape)) ?? (elsewhere && `write \`${elsewhere.join('.')}\``);
  context.reporter.error(
    'invalid-value',
    `\`${field}\` is no field of an agent`,
    fieldPlace(context, 'lifecycle', list, index),
    {
      hint,
    },
  );
}

/** Fields that go by two names may be written under both only where they agree. */
export function checkAliases(context: ResolveContext): void {
  for (const { document, prefix, spec } of context.merged.layers) {
    const at = { document, path: prefix };
    const differ = (path: readonly string[], alias: readonly string[], left: unknown, right: unknown): void => {
      if (left === undefined || right === undefined || equalJson(left as Json, right as Json)) return;
      if (!isWritten(document.tree, [...prefix, ...alias])) return;
      const message = `\`${alias.join('.')}\` and \`${path.join('.')}\` are one field with two values`;
      context.reporter.error('conflicting-fields', message, below(at, ...alias), {
        hint: 'take one of them out',
        related: [{ message: 'the other one', place: below(at, ...path) }],
      });
    };
    differ(['scaling', 'replicas'], ['replicas'], spec.scaling?.replicas, spec.replicas);
    for (const [name, value] of Object.entries(spec.securityContext ?? {})) {
      const other = Object.entries(spec.security ?? {}).find(([key]) => key === name)?.[1];
      differ(['security', name], ['securityContext', name], other, value);
    }
  }
}
