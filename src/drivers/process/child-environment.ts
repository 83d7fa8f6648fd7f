import { compareCodeUnits } from '../../util/compare.ts';
import { encodeRecord } from './cookie-record.ts';
import { cookieOf, type Instance, type PortAllocation, type Run } from './instance.ts';
import { cookieVariables } from './system.ts';

/** What a process gets of the caller's environment: where things are and how text is written, nothing else. */
const inherited = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ', 'TMPDIR', 'USER', 'LOGNAME', 'SHELL'];

/** Where commands are looked for when neither the caller nor the agent says. */
const defaultPath = '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin';

/** The caller's environment as far as processes get it. */
export function baseEnvironment(caller: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const base: Record<string, string> = { PATH: defaultPath };
  for (const name of inherited) {
    const value = caller[name];
    if (value) base[name] = value;
  }
  return base;
}

/**
 * The whole environment of a latch: the base, the ports, where its secrets are, what the agent declares (which wins over these), and the
 * cookie, which nothing wins over.
 */
export function childEnvironment(options: {
  readonly caller: Readonly<Record<string, string | undefined>>;
  /** The agent's variables, references already read. */
  readonly declared: Readonly<Record<string, string>>;
  /** The folder of its secrets, where it has some. */
  readonly secrets?: string | undefined;
  readonly instance: Instance;
  readonly run: Run;
}): Record<string, string> {
  const { instance, run } = options;
  return {
    ...baseEnvironment(options.caller),
    ...portEnvironment(instance.ports),
    ...(options.secrets === undefined ? {} : { AAC_SECRETS_DIR: options.secrets }),
    ...options.declared,
    [cookieVariables.instance]: cookieOf(instance),
    [cookieVariables.workspace]: instance.record.workspace,
    [cookieVariables.address]: instance.record.address,
    [cookieVariables.latch]: String(run.number),
    [cookieVariables.record]: encodeRecord(instance, run),
  };
}

/**
 * `AAC_PORT_<container port>` for every port, and of the lowest also `PORT` and `AAC_HOST`: specs key ports by name
 * and forget in which order they were written, so "the first" would not mean the same on every apply.
 */
export function portEnvironment(ports: PortAllocation): Record<string, string> {
  const ordered = Object.entries(ports)
    .map(([port, allocation]) => ({ port, container: Number.parseInt(port, 10), ...allocation }))
    .sort((left, right) => left.container - right.container || compareCodeUnits(left.port, right.port));
  const [first] = ordered;
  const variables: Record<string, string> = first ? { PORT: String(first.host), AAC_HOST: first.hostIp } : {};
  for (const { container, host } of ordered) variables[`AAC_PORT_${String(container)}`] ??= String(host);
  return variables;
}
