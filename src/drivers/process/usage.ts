/** What one process has used. */
export interface ProcessUsage {
  readonly pid: number;
  /** Nanoseconds of processor time, its own and that of its children that have ended. */
  readonly cpu: number;
  /** Resident bytes. */
  readonly memory: number;
  readonly io?: { readonly read: number; readonly written: number };
}

/** Ticks are hundredths of a second to everybody outside the kernel. */
const tick = 1e7;

/** Reads `/proc/<pid>/stat`, `status` and `io`; `undefined` when the process is gone. */
export function parseUsage(pid: number, stat: string, status: string, io: string): ProcessUsage | undefined {
  const times = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15)
    .map(Number);
  if (times.length < 4 || times.some(Number.isNaN)) return undefined;
  const read = /^read_bytes: (\d+)$/m.exec(io)?.[1];
  const written = /^write_bytes: (\d+)$/m.exec(io)?.[1];
  return {
    pid,
    cpu: times.reduce((sum, ticks) => sum + ticks, 0) * tick,
    memory: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024,
    ...(read === undefined || written === undefined ? {} : { io: { read: Number(read), written: Number(written) } }),
  };
}

/** Reads `ps -o pid=,rss=,time=`, whose times are whole seconds on most systems: `[[days-]hours:]minutes:seconds`. */
export function parsePsUsage(text: string): readonly ProcessUsage[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(?:(\d+)-)?((?:\d+:)*\d+(?:\.\d+)?)\s*$/.exec(line);
    if (!match) return [];
    const [, pid, memory, days = '0', clock = '0'] = match;
    const seconds = clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
    return [
      { pid: Number(pid), cpu: Math.round((seconds + Number(days) * 86_400) * 1e9), memory: Number(memory) * 1024 },
    ];
  });
}

/** What all of them have used; io where it can be read of every one. */
export function sumUsage(usages: readonly ProcessUsage[]): Omit<ProcessUsage, 'pid'> {
  const sum = (of: (usage: ProcessUsage) => number): number => usages.reduce((total, usage) => total + of(usage), 0);
  const readable = usages.length > 0 && usages.every(({ io }) => io !== undefined);
  return {
    cpu: sum(({ cpu }) => cpu),
    memory: sum(({ memory }) => memory),
    ...(readable ? { io: { read: sum(({ io }) => io?.read ?? 0), written: sum(({ io }) => io?.written ?? 0) } } : {}),
  };
}
