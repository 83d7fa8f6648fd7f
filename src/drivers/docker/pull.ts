import type { DriverError } from '../../model/outcome.ts';
import { err, ok } from '../../util/result.ts';
import type { Answer, Engine } from './engine.ts';
import { driverErrorOf } from './errors.ts';
import { textLines } from './text-lines.ts';

/** One line of the engine's account of a pull. */
interface PullMessage {
  readonly id?: string;
  readonly status?: string;
  readonly error?: string;
}

/** What the account says so far. */
export interface PullProgress {
  readonly layers: ReadonlySet<string>;
  readonly done: ReadonlySet<string>;
  readonly failure?: string;
}

/** Before the first line. */
export const noProgress: PullProgress = { layers: new Set(), done: new Set() };

/** The progress after one more line; one that is not JSON says nothing. */
export function afterPullLine(progress: PullProgress, line: string): PullProgress {
  const message = parse(line);
  if (message.error !== undefined) return { ...progress, failure: message.error };
  const { id, status = '' } = message;
  if (id === undefined || status.startsWith('Pulling from')) return progress;
  return {
    ...progress,
    layers: new Set([...progress.layers, id]),
    done: status === 'Pull complete' || status === 'Already exists' ? new Set([...progress.done, id]) : progress.done,
  };
}

/** Pulls an image. The engine answers 200 before it knows; a failure comes as the last line of its account. */
export async function pullImage(
  engine: Engine,
  image: string,
  signal: AbortSignal,
  report: (message: string) => void,
): Answer<Record<string, never>> {
  const begun = await engine.pull(image, signal);
  if (!begun.ok) return begun.error.code === 'not-found' ? err(pullError(image, begun.error.message)) : begun;
  let progress = noProgress;
  let said = '';
  try {
    for await (const line of textLines(begun.value)) {
      progress = afterPullLine(progress, line);
      const words = `pulling ${String(progress.done.size)} of ${String(progress.layers.size)} layers`;
      if (progress.layers.size > 0 && words !== said) report((said = words));
    }
  } catch (error) {
    return err(driverErrorOf(error, engine.endpoint, signal));
  }
  if (progress.failure !== undefined) return err({ ...pullError(image, progress.failure), retry: 'transient' });
  return ok({});
}

function pullError(image: string, reason: string): DriverError {
  return {
    code: 'not-found',
    retry: 'terminal',
    message: `image \`${image}\` cannot be pulled: ${reason}`,
    hint: 'check the name, or build the image and set `imagePullPolicy: Never`',
  };
}

function parse(line: string): PullMessage {
  try {
    return JSON.parse(line) as PullMessage;
  } catch {
    return {};
  }
}
