import type { Agent } from '../../model/agent.ts';
import type { SecuritySpec } from '../../model/spec.ts';
import { compareCodeUnits } from '../../util/compare.ts';
import { hashJson } from '../../util/hash.ts';
import type { Json, JsonObject } from '../../util/json.ts';
import type { ContainerDetails, HostSecurity } from './engine-types.ts';

/** What a security context needs that no spec holds. */
export interface SecurityMaterial {
  /** The user that the image names; asked for only where {@link needsImageUser} says so. */
  readonly imageUser?: string;
  /** The JSON text of the seccomp profile, where it is a file. */
  readonly seccomp?: string;
}

/** What a manifest asks of its process, lists in order so that theirs means nothing. */
export function securitySpec({ security }: Agent): SecuritySpec {
  const { add, drop } = security.capabilities;
  return { ...security, capabilities: { add: ordered(add), drop: ordered(drop) } };
}

/** Whether the container can only be made once the image's own user is known. */
export function needsImageUser(security: SecuritySpec | undefined): boolean {
  if (security?.runAsUser !== undefined) return false;
  return security?.runAsNonRoot === true || security?.runAsGroup !== undefined;
}

/** Whether `USER` of an image is root: nobody named, or root by name or number. */
export function isRootUser(imageUser: string): boolean {
  const [user = ''] = imageUser.split(':');
  return user === '' || user === 'root' || /^0+$/.test(user);
}

/** The engine's `User`; `undefined` is the image's own. */
export function containerUser(security: SecuritySpec | undefined, { imageUser = '' }: SecurityMaterial) {
  if (!security) return undefined;
  const { runAsUser, runAsGroup } = security;
  if (runAsGroup === undefined) return runAsUser === undefined ? undefined : String(runAsUser);
  // a group alone would make the user root, whatever the image says
  const user = runAsUser === undefined ? imageUser.split(':')[0] : String(runAsUser);
  return `${user === undefined || user === '' ? '0' : user}:${String(runAsGroup)}`;
}

/** The security settings of a new container. Without a spec it still gains no privileges. */
export function hostSecurity(security: SecuritySpec | undefined, { seccomp }: SecurityMaterial): HostSecurity {
  if (!security) return { SecurityOpt: ['no-new-privileges'] };
  const { readOnlyRootFilesystem, capabilities, noNewPrivileges, seccompProfile } = security;
  return {
    SecurityOpt: [
      // written out where it is false, as an engine may have the opposite default
      noNewPrivileges ? 'no-new-privileges' : 'no-new-privileges=false',
      ...(seccompProfile === 'unconfined' ? ['seccomp=unconfined'] : []),
      ...(typeof seccompProfile === 'object' ? [`seccomp=${seccomp ?? ''}`] : []),
    ],
    ...(readOnlyRootFilesystem ? { ReadonlyRootfs: true } : {}),
    ...(capabilities.add.length > 0 ? { CapAdd: capabilities.add } : {}),
    ...(capabilities.drop.length > 0 ? { CapDrop: capabilities.drop } : {}),
  };
}

/** What a container may do, for the fields its spec declares. Whether root is allowed is for aac alone to know. */
export function liveSecurity({ Config, HostConfig }: ContainerDetails, declared: SecuritySpec): JsonObject {
  const [user = '', group = ''] = (Config.User ?? '').split(':');
  const options = HostConfig.SecurityOpt ?? [];
  return {
    ...(declared.runAsUser === undefined ? {} : { runAsUser: numberOr(user) }),
    ...(declared.runAsGroup === undefined ? {} : { runAsGroup: numberOr(group) }),
    ...(declared.runAsNonRoot === undefined ? {} : { runAsNonRoot: declared.runAsNonRoot }),
    readOnlyRootFilesystem: HostConfig.ReadonlyRootfs ?? false,
    capabilities: { add: liveCapabilities(HostConfig.CapAdd), drop: liveCapabilities(HostConfig.CapDrop) },
    noNewPrivileges: options.some((option) => /^no-new-privileges(?:[=:]true)?$/.test(option)),
    ...(declared.seccompProfile === undefined ? {} : { seccompProfile: liveSeccomp(options, declared.seccompProfile) }),
  };
}

function liveSeccomp(options: readonly string[], declared: NonNullable<SecuritySpec['seccompProfile']>): Json {
  const [, text] = options.map((option) => /^seccomp[=:](.*)$/s.exec(option)).find(Boolean) ?? [];
  if (text === undefined) return 'default';
  if (text === 'unconfined') return text;
  const path = typeof declared === 'object' ? declared.path : '';
  return { path, sha256: hashOfText(text) };
}

function hashOfText(text: string): string {
  try {
    return hashJson(JSON.parse(text) as Json);
  } catch {
    return ''; // a file that only the engine's own machine has
  }
}

/** Engines put `CAP_` before the names, or leave them as they were given. */
function liveCapabilities(names: readonly string[] | null | undefined): readonly string[] {
  return ordered((names ?? []).map((name) => name.replace(/^CAP_/, '')));
}

function ordered(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort(compareCodeUnits);
}

/** An id as a number; a user that is named stays a name, which is no id that was asked for. */
function numberOr(text: string): Json {
  return /^\d+$/.test(text) ? Number(text) : text;
}
