import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fieldPath } from '../../model/field-path.ts';
import type { DriverError } from '../../model/outcome.ts';
import type { AgentSpec } from '../../model/spec.ts';
import { hashJson } from '../../util/hash.ts';
import type { Json } from '../../util/json.ts';
import { err, ok, type Result } from '../../util/result.ts';
import type { ExecuteContext } from '../driver.ts';
import type { Engine } from './engine.ts';
import { isRootUser, needsImageUser, type SecurityMaterial } from './security.ts';

/**
 * Reads what the security context is made of: the image's user where that decides, the seccomp profile where it is a
 * file. An image whose user is root, and a file that is not the one that was planned with, are errors.
 */
export async function readSecurityMaterial(
  engine: Engine,
  { image = '', security }: AgentSpec,
  context: ExecuteContext,
): Promise<Result<SecurityMaterial, DriverError>> {
  const user = needsImageUser(security) ? await engine.image(image, context.signal) : ok(undefined);
  if (!user.ok) return user;
  const imageUser = user.value?.user;
  if (security?.runAsNonRoot === true && imageUser !== undefined && isRootUser(imageUser)) {
    return err({
      code: 'invalid',
      retry: 'terminal',
      message: `image \`${image}\` runs as root, which \`security.runAsNonRoot\` forbids`,
      hint: 'give a user with `security.runAsUser`, or name one in the image',
      field: fieldPath('security', 'runAsNonRoot'),
    });
  }
  const seccomp = await readSeccomp(security?.seccompProfile, context);
  if (!seccomp.ok) return seccomp;
  return ok({
    ...(imageUser === undefined ? {} : { imageUser }),
    ...(seccomp.value === undefined ? {} : { seccomp: seccomp.value }),
  });
}

async function readSeccomp(
  profile: NonNullable<AgentSpec['security']>['seccompProfile'],
  { root }: ExecuteContext,
): Promise<Result<string | undefined, DriverError>> {
  if (typeof profile !== 'object') return ok(undefined);
  try {
    const text = await readFile(resolve(root, profile.path), 'utf8');
    if (hashJson(JSON.parse(text) as Json) === profile.sha256) return ok(text);
    return err(unusable(profile.path, 'is not the one that was planned with', 'plan again'));
  } catch (error) {
    return err(unusable(profile.path, `cannot be read: ${(error as Error).message}`, 'see that it is there'));
  }
}

function unusable(path: string, why: string, hint: string): DriverError {
  const field = fieldPath('security', 'seccompProfile');
  return { code: 'invalid', retry: 'terminal', message: `the seccomp profile \`${path}\` ${why}`, hint, field };
}
