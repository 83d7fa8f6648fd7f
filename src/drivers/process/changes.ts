import { watch } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import type { Address } from '../../model/address.ts';
import type { Seen } from '../event-differences.ts';
import type { Host } from './host.ts';
import type { Familiar } from './familiar.ts';
import { cookieOf } from './instance.ts';
import type { Sighting } from './sighting.ts';

/** Milliseconds between two looks for processes that have ended, which no file system tells of. */
const pollInterval = 1_000;

/** The addresses of instances that came, went, started or ended, until `signal` is aborted. */
export async function* watchInstances(
  host: Host,
  ground: SurveyGround,
  signal: AbortSignal,
): AsyncGenerator<{ readonly address?: Address }> {
  for await (const { before, after } of surveys(host, ground, signal)) {
    for (const ref of new Set([...before.keys(), ...after.keys()])) {
      const [old, now] = [before.get(ref), after.get(ref)];
      const address = now?.address ?? old?.address;
      if (old?.state !== now?.state) yield address === undefined ? {} : { address };
    }
  }
}

/** Whose instances are looked at, and what looks at them. */
export interface SurveyGround {
  readonly workspace: string;
  readonly familiar: Familiar;
}

/** Ref → what a look at it gives; only instances that have a folder. */
export type Survey = ReadonlyMap<SurveyEntry[0], SurveyEntry[1]>;
type SurveyEntry = readonly [ref: string, seen: Seen & { readonly state: string }];

/**
 * Every two surveys in a row, until `signal` is aborted. The folder is watched for what aac does; ends are polled for.
 */
export async function* surveys(
  host: Host,
  { workspace, familiar }: SurveyGround,
  signal: AbortSignal,
): AsyncGenerator<{ readonly before: Survey; readonly after: Survey }> {
  const survey = createSurveyor(familiar);
  let before = await survey();
  const touched = await watchFolder(host.store(workspace).root);
  try {
    while (await nextLook(host, touched, signal)) {
      const after = await survey();
      yield { before, after };
      before = after;
    }
  } finally {
    touched.close();
  }
}

/** Gives surveys; what is seen unchanged is not worked out again. */
function createSurveyor(familiar: Familiar): () => Promise<Survey> {
  const entries = new WeakMap<Sighting, SurveyEntry>();
  const entryOf = (sighting: Sighting): SurveyEntry => {
    const entry = entries.get(sighting) ?? describe(sighting);
    entries.set(sighting, entry);
    return entry;
  };
  return async () => new Map((await familiar.look()).map(entryOf));
}

function describe({ instance, run, state }: Sighting): SurveyEntry {
  const { address } = instance.record;
  const seen = {
    address,
    name: instance.name,
    phase: state.phase === 'starting' ? 'created' : state.phase,
    life: state.phase === 'running' || state.phase === 'exited' ? String(run?.number) : '',
    ...(state.phase === 'exited' ? { exitCode: state.exitCode } : {}),
    ...(state.phase === 'exited' && state.detail !== undefined ? { detail: state.detail } : {}),
  } as const;
  return [cookieOf(instance), { ...seen, state: `${state.phase} ${String(run?.number)}` }];
}

interface FolderWatch {
  /** Resolves at the next touch, at once when there was one since it was last asked. */
  next(): Promise<void>;
  close(): void;
}

async function watchFolder(folder: string): Promise<FolderWatch> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  let dirty = false;
  let wake: (() => void) | undefined;
  const watcher = watch(folder, { persistent: false }, () => {
    dirty = true;
    wake?.();
  });
  watcher.on('error', () => undefined); // polling goes on without it
  return {
    async next() {
      if (!dirty) await new Promise<void>((resolve) => (wake = resolve));
      dirty = false;
    },
    close: () => {
      watcher.close();
    },
  };
}

/** Waits for a touch or the next poll; `false` when it is over. */
async function nextLook(host: Host, touched: FolderWatch, signal: AbortSignal): Promise<boolean> {
  const over = new AbortController();
  const end = (): void => over.abort();
  signal.addEventListener('abort', end, { once: true });
  const wait = host.clock.sleep(pollInterval, over.signal).catch(() => undefined);
  if (!signal.aborted) await Promise.race([wait, touched.next()]);
  signal.removeEventListener('abort', end);
  over.abort();
  return !signal.aborted;
}
