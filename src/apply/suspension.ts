import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Who had `aac watch` leave something as it is, and since when (ISO 8601, UTC). */
export interface SuspendedBy {
  readonly since: string;
  readonly user: string;
}

/** What `aac watch` leaves as it is: the whole workspace, or agents by their names. Nobody else takes notice of it. */
export interface Suspension {
  readonly format: 1;
  readonly all?: SuspendedBy;
  readonly agents: Readonly<Record<string, SuspendedBy>>;
}

const nothing: Suspension = { format: 1, agents: {} };

/** The suspension of a workspace; nothing where there is no file of it that this version can read. */
export async function readSuspension(stateFolder: string): Promise<Suspension> {
  try {
    const found = JSON.parse(await readFile(fileOf(stateFolder), 'utf8')) as Partial<Suspension>;
    return found.format === 1 && typeof found.agents === 'object' ? { ...nothing, ...found } : nothing;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return nothing;
    throw error;
  }
}

/** Keeps what is suspended from now on. */
export async function writeSuspension(stateFolder: string, suspension: Suspension): Promise<void> {
  const { default: writeFileAtomic } = await import('write-file-atomic');
  await mkdir(stateFolder, { recursive: true, mode: 0o700 });
  await writeFileAtomic(fileOf(stateFolder), `${JSON.stringify(suspension)}\n`, { mode: 0o600 });
}

/** With these agents suspended too, or with `names` empty the whole workspace. */
export function suspend(before: Suspension, names: readonly string[], by: SuspendedBy): Suspension {
  if (names.length === 0) return { ...before, all: before.all ?? by };
  const added = names.map((name) => [name, before.agents[name] ?? by] as const);
  return { ...before, agents: { ...before.agents, ...Object.fromEntries(added) } };
}

/** Without these agents, or with `names` empty without anything. */
export function resume(before: Suspension, names: readonly string[]): Suspension {
  if (names.length === 0) return nothing;
  return {
    ...before,
    agents: Object.fromEntries(Object.entries(before.agents).filter(([name]) => !names.includes(name))),
  };
}

/** Whether a watch leaves this agent as it is. */
export function isSuspended({ all, agents }: Suspension, name: string): boolean {
  return all !== undefined || Object.hasOwn(agents, name);
}

function fileOf(stateFolder: string): string {
  return join(stateFolder, 'suspended.json');
}
