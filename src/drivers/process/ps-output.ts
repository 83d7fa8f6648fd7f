import { isAlive, isStopped } from './proc-files.ts';
import { cookieVariables, type Listener, type RunningProcess } from './system.ts';

/** The columns that {@link parseProcesses} reads; the start is five words, and the command may hold blanks. */
export const processColumns = 'pid=,pgid=,state=,lstart=,comm=';

/**
 * Reads `ps -o` with {@link processColumns}. Sessions are not to be had from every `ps`, so the group stands for the
 * session, which is the same for a latch and for whatever has left its session.
 */
export function parseProcesses(text: string): readonly Omit<RunningProcess, 'variables'>[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\S+\s+\S+\s+\S+\s+\S+\s+\S+)\s+(.+?)\s*$/.exec(line);
    const [, pid, pgid, state = '', start = '', path = ''] = match ?? [];
    if (pid === undefined || !isAlive(state)) return [];
    const started = start.replace(/\s+/g, ' ');
    const command = path.slice(path.lastIndexOf('/') + 1);
    return [{ pid: Number(pid), pgid: Number(pgid), sid: Number(pgid), started, command, stopped: isStopped(state) }];
  });
}

/** Reads `ps -o pid=,command=`: pid → the rest of its line. */
export function parseCommands(text: string): ReadonlyMap<number, string> {
  const commands = new Map<number, string>();
  for (const line of text.split('\n')) {
    const match = /^\s*(\d+) (.*)$/.exec(line);
    if (match) commands.set(Number(match[1]), match[2] ?? '');
  }
  return commands;
}

/**
 * The cookie in a line of arguments and environment. `bare` is the same without the environment, so that a process
 * that merely names a cookie in its arguments, a search for one say, is not taken for its bearer.
 */
export function parseCookies(bare: string, withEnvironment: string): RunningProcess['variables'] {
  const args = bare.trimEnd();
  if (!withEnvironment.startsWith(args)) return {};
  const environment = withEnvironment.slice(args.length);
  const found = Object.values(cookieVariables).flatMap((name) => {
    const value = new RegExp(`(?:^|\\s)${name}=(\\S+)`).exec(environment)?.[1];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(found);
}

/** Reads `lsof -F pctPn`: one letter and a value a line, a process before its sockets. */
export function parseListeners(text: string): readonly Listener[] {
  const listeners = new Map<string, Listener>();
  let holder: { pid: number; command: string } | undefined;
  let family = '';
  let protocol = '';
  for (const line of text.split('\n')) {
    const value = line.slice(1);
    switch (line[0]) {
      case 'p':
        holder = { pid: Number(value), command: '' };
        break;
      case 'c':
        if (holder) holder = { ...holder, command: value };
        break;
      case 't':
        family = value;
        break;
      case 'P':
        protocol = value.toLowerCase();
        break;
      case 'n': {
        const [, address = '', port = ''] = /^(.*):(\d+)$/.exec(value) ?? [];
        if (port === '' || (protocol !== 'tcp' && protocol !== 'udp') || value.includes('->')) break;
        const hostIp = address === '*' ? (family === 'IPv6' ? '::' : '0.0.0.0') : address.replace(/^\[|\]$/g, '');
        const key = `${protocol} ${hostIp} ${port}`;
        if (!listeners.has(key)) listeners.set(key, { port: Number(port), protocol, hostIp, ...holder });
        break;
      }
      default:
    }
  }
  return [...listeners.values()];
}
