import type { FieldPath } from '../../model/field-path.ts';
import type { DriverError } from '../../model/outcome.ts';
import { err, type Result } from '../../util/result.ts';

/** What may be said about a failure beside its code and message. */
export interface FailureOptions {
  readonly retry?: DriverError['retry'];
  readonly hint?: string;
  readonly field?: FieldPath;
  readonly details?: readonly string[];
  readonly exitCode?: DriverError['exitCode'];
}

/** A driver error; terminal unless told. */
export function failure(code: DriverError['code'], message: string, options: FailureOptions = {}): DriverError {
  const { exitCode, ...rest } = options;
  return { code, retry: 'terminal', message, ...rest, ...(exitCode === undefined ? {} : { exitCode }) };
}

/** Runs `work`; what the file system or an abort throws becomes a driver error. */
export async function guarded<T>(
  signal: AbortSignal,
  work: () => Promise<Result<T, DriverError>>,
): Promise<Result<T, DriverError>> {
  try {
    signal.throwIfAborted();
    return await work();
  } catch (thrown) {
    if (signal.aborted) return err(failure('aborted', 'the call was cut off'));
    if (isSystemError(thrown)) return err(fromSystemError(thrown));
    throw thrown;
  }
}

/** Whether something thrown carries a code such as `ENOENT`. */
export function isSystemError(thrown: unknown): thrown is NodeJS.ErrnoException & { readonly code: string } {
  return (
    thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' && /^E[A-Z0-9]+$/.test(thrown.code)
  );
}

function fromSystemError(error: NodeJS.ErrnoException): DriverError {
  switch (error.code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return failure('denied', error.message);
    case 'EAGAIN':
    case 'EMFILE':
    case 'ENFILE':
    case 'ENOMEM':
      return failure('exhausted', error.message, { retry: 'transient' });
    case 'ENOSPC':
    case 'EDQUOT':
      return failure('exhausted', error.message);
    default:
      return failure('internal', error.message);
  }
}

/** What was read, or `undefined` when the file or folder is not there. */
export async function orAbsent<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (thrown) {
    if (isSystemError(thrown) && (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR')) return undefined;
    throw thrown;
  }
}
