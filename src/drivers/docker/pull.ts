import type { DriverError } from '../../model/outcome.ts';
import { err, ok } from '../../util/result.ts';
import { findCredentials } from './credentials.ts';
import type { Answer, Engine } from './engine.ts';
import { driverErrorOf } from './errors.ts';
import { registryOf } from './image-name.ts';
import type { Credentials } from './registry-auth.ts';
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

/** Whose credentials, how long, and who hears of it. */
export interface PullOptions {
  /** The caller's environment, which leads to the docker CLI's configuration. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly report: (message: string) => void;
}

/** Pulls an image. The engine answers 200 before it knows; a failure comes as the last line of its account. */
export async function pullImage(
  engine: Engine,
  image: string,
  { environment, signal, report }: PullOptions,
): Answer<Record<string, never>> {
  const { credentials, remark } = await findCredentials(image, environment, signal);
  if (remark !== undefined) report(remark);
  const begun = await engine.pull(image, credentials, signal);
  if (!begun.ok) {
    const { code, message, retry } = begun.error;
    if (code !== 'not-found' && code !== 'internal') return begun;
    return err({ ...pullError(image, message, credentials), code, retry });
  }
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
  if (progress.failure !== undefined)
    return err({ ...pullError(image, progress.failure, credentials), retry: 'transient' });
  return ok({});
}

function pullError(image: string, reason: string, credentials: Credentials | undefined): DriverError {
  const registry = registryOf(image);
  return {
    code: 'not-found',
    retry: 'terminal',
    message: `image \`${image}\` cannot be pulled: ${reason}`,
    hint: credentials
      ? `check the name, and the credentials: \`docker login ${registry}\``
      : `check the name; where ${registry} wants a password: \`docker login ${registry}\``,
  };
}

function parse(line: string): PullMessage {
  try {
    return JSON.parse(line) as PullMessage;
  } catch {
    return {};
  }
}
