import type { Finding } from '../../model/finding.ts';
import type { Controller } from './find-cgroups.ts';
import type { Sandbox } from './sandbox.ts';
import type { System } from './system.ts';

/** What of a manifest this machine can hold for local processes. */
export function examineMachine(
  { system, sandbox }: { readonly system: Pick<System, 'cgroups' | 'user'>; readonly sandbox: () => Sandbox },
  platform: NodeJS.Platform,
  version: string,
): readonly Finding[] {
  return [machine(platform, version), limits(system), users(system), egress(sandbox())];
}

function machine(platform: NodeJS.Platform, version: string): Finding {
  if (platform === 'linux')
    return { topic: 'system', status: 'ok', message: `${version}: processes are read from /proc` };
  return {
    topic: 'system',
    status: 'limited',
    message: `${version}: processes are read with \`ps\`, so limits and usage are coarser than on Linux`,
  };
}

function limits(system: Pick<System, 'cgroups'>): Finding {
  const support = system.cgroups();
  if (!support) {
    return {
      topic: 'limits',
      status: 'limited',
      message: 'no cgroup can be made: memory is watched over by `aac watch`, cpu and pids cannot be limited',
      hint: 'run aac as root, or in a systemd user unit with `Delegate=yes`',
    };
  }
  const all: readonly Controller[] = ['memory', 'cpu', 'pids'];
  const missing = all.filter((controller) => support.parents[controller] === undefined);
  const where = `cgroup ${support.version}`;
  if (missing.length === 0) {
    return { topic: 'limits', status: 'ok', message: `${where}: memory, cpu and pids are enforced` };
  }
  return {
    topic: 'limits',
    status: 'limited',
    message: `${where}: ${missing.join(' and ')} cannot be limited`,
    hint: `delegate ${missing.join(' and ')} to this user's cgroup`,
  };
}

function users(system: Pick<System, 'user'>): Finding {
  const user = system.user();
  if (user === 0) return { topic: 'users', status: 'ok', message: 'root: agents may run as any user' };
  return {
    topic: 'users',
    status: 'limited',
    message: `user ${String(user)}: agents run as this user`,
    hint: 'only root can honour `security.runAsUser` of another user',
  };
}

function egress(sandbox: Sandbox): Finding {
  if (sandbox.status === 'works') {
    return { topic: 'egress', status: 'ok', message: `${sandbox.program}: \`network.security\` is enforced` };
  }
  const message = `${sandbox.message}: \`network.security\` cannot be enforced`;
  return { topic: 'egress', status: 'limited', message, hint: sandbox.hint };
}
