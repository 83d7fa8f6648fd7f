import { watch } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import type { Address } from '../../model/address.ts';
import type { Host } from './host.ts';
import type { Familiar } from './familiar.ts';
import { cookieOf } from './instance.ts';
import type { Sighting } from './sighting.ts';

/** Milliseconds between two looks for processes that have ended, which no file system tells of. */
const pollInterval = 1_000;

/**
 * The addresses of instances that came, went, started or ended, until `signal` is aborted. The folder is watched for
 * what aac does; ends are polled for.
 */
export async function* watchInstances(
  host: Host,
  { workspace, familiar }: { readonly workspace: string; readonly familiar: Familiar },
  signal: AbortSignal,
): AsyncGenerator<{ readonly address?: Address }> {
  const survey = createSurveyor(familiar);
  let seen = await survey();
  const touched = await watchFolder(host.store(workspace).root);
  try {
    while (await nextLook(host, touched, signal)) {
      const now = await survey();
      for (const ref of new Set([...seen.keys(), ...now.keys()])) {
        const [before, after] = [seen.get(ref), now.get(ref)];
        const address = after?.address ?? before?.address;
        if (before?.state !== after?.state) yield address === undefined ? {} : { address };
      }
      seen = now;
    }
  } finally {
    touched.close();
  }
}

/** Ref → what a look at it gives; only instances that have a folder. */
type Survey = ReadonlyMap<SurveyEntry[0], SurveyEntry[1]>;
type SurveyEntry = readonly [ref: string, seen: { readonly address: Address; readonly state: string }];

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
  return [cookieOf(instance), { address, state: `${state.phase} ${String(run?.number)}` }];
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
  const wait = host.clock.sleep(pollInterval, AbortSignal.any([signal, over.signal])).catch(() => undefined);
  await Promise.race([wait, touched.next()]);
  over.abort();
  return !signal.aborted;
}
