import { watch } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import type { Address } from '../../model/address.ts';
import type { Host } from './host.ts';
import { cookieOf } from './instance.ts';
import { sight } from './sighting.ts';

/** Milliseconds between two looks for processes that have ended, which no file system tells of. */
const pollInterval = 1_000;

/**
 * The addresses of instances that came, went, started or ended, until `signal` is aborted. The folder is watched for
 * what aac does; ends are polled for.
 */
export async function* watchInstances(
  host: Host,
  workspace: string,
  signal: AbortSignal,
): AsyncGenerator<{ readonly address?: Address }> {
  let seen = await survey(host, workspace);
  const touched = await watchFolder(host.store(workspace).root);
  try {
    while (await nextLook(host, touched, signal)) {
      const now = await survey(host, workspace);
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
type Survey = ReadonlyMap<string, { readonly address: Address; readonly state: string }>;

async function survey(host: Host, workspace: string): Promise<Survey> {
  const store = host.store(workspace);
  const seen = new Map<string, { address: Address; state: string }>();
  for (const name of await store.names()) {
    const read = await store.read(name);
    if (!read.ok || !read.value) continue;
    const { instance, run, state } = await sight(host, read.value, async () => []);
    seen.set(cookieOf(instance), { address: instance.record.address, state: `${state.phase} ${String(run?.number)}` });
  }
  return seen;
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
