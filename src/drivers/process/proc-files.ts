import { cookieVariables, type RunningProcess } from './system.ts';

/** What `/proc/<pid>/stat` says, as far as it is needed. */
export interface ProcStat {
  readonly command: string;
  readonly state: string;
  readonly pgid: number;
  readonly sid: number;
  /** Field 22: ticks from boot to the start of the process. */
  readonly started: string;
}

/** A socket of `/proc/net/{tcp,udp}{,6}`. */
export interface ProcSocket {
  readonly port: number;
  readonly hostIp: string;
  readonly inode: string;
}

const names: ReadonlySet<string> = new Set(Object.values(cookieVariables));

/** Reads `/proc/<pid>/stat`. The command may hold blanks and parentheses: fields count from the last `)`. */
export function parseStat(text: string): ProcStat | undefined {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return undefined;
  const [state, , pgid, sid, ...rest] = text.slice(close + 2).split(' ');
  const started = rest[15];
  if (state === undefined || started === undefined) return undefined;
  return { command: text.slice(open + 1, close), state, pgid: Number(pgid), sid: Number(sid), started };
}

/** Whether a process in this state still runs: not a zombie, not dead. */
export function isAlive(state: string): boolean {
  return !/^[ZXx]/.test(state);
}

/** Whether a process in this state was stopped by a signal. */
export function isStopped(state: string): boolean {
  return /^[Tt]/.test(state);
}

/** Reads `/proc/<pid>/environ`: NUL-separated `NAME=value`; a name that stands twice has its first value. */
export function parseEnvironment(text: string): Readonly<Record<string, string>> {
  const variables: Record<string, string> = {};
  for (const entry of text.split('\0')) {
    const equals = entry.indexOf('=');
    if (equals > 0) variables[entry.slice(0, equals)] ??= entry.slice(equals + 1);
  }
  return variables;
}

/** Those variables that aac set. */
export function cookiesOf(environment: Readonly<Record<string, string>>): RunningProcess['variables'] {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => names.has(name)));
}

/** Reads a table of `/proc/net`: the sockets in the given state (`0A` is listening, `07` is an unconnected datagram). */
export function parseSockets(text: string, state: string): readonly ProcSocket[] {
  return text.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const [address, port] = (fields[1] ?? '').split(':');
    const inode = fields[9];
    if (fields[3] !== state || address === undefined || port === undefined || inode === undefined) return [];
    return [{ port: parseInt(port, 16), hostIp: parseAddress(address), inode }];
  });
}

/** An address as the kernel prints it: 32-bit words in the machine's (little-endian) order. */
function parseAddress(hex: string): string {
  const bytes = (hex.toLowerCase().match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).reverse());
  const mapped = bytes.length === 16 && bytes.slice(0, 12).join('') === '00000000000000000000ffff';
  if (bytes.length === 4 || mapped)
    return bytes
      .slice(-4)
      .map((byte) => parseInt(byte, 16))
      .join('.');
  const groups = bytes.flatMap((byte, index) => (index % 2 === 0 ? [`${byte}${bytes[index + 1] ?? ''}`] : []));
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1); // a URL holds the shortest form
}
