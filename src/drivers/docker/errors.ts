import type { DriverError } from '../../model/outcome.ts';
import type { Endpoint } from './endpoint.ts';

/** What a failed engine request throws: an HTTP status with the engine's words, or the system's error code. */
interface RequestError {
  readonly statusCode?: number;
  readonly json?: unknown;
  readonly code?: string;
  readonly message?: string;
}

/** System error codes that trying again cannot mend: the socket may not be opened, or TLS does not agree. */
const terminalCodes = /^(EACCES|EPERM|ERR_TLS_.*|ERR_SSL_.*|.*CERT.*|UNABLE_TO_.*)$/;

/** System error codes of a connection that was not made, or broke. */
const connectionCodes = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'EPROTO',
  'ETIMEDOUT',
  'HPE_INVALID_CONSTANT', // something else than an engine listens there
]);

/**
 * What a request's failure means. Only the status decides the code; the engine's text is passed on as the message and
 * never read. An aborted signal wins over whatever the cut connection said.
 */
export function driverErrorOf(error: unknown, endpoint: Endpoint, signal: AbortSignal): DriverError {
  if (signal.aborted) return abortedError(signal, endpoint);
  const { statusCode, json, code = '', message = String(error) } = (error ?? {}) as RequestError;
  if (statusCode !== undefined) return statusError(statusCode, engineText(json) ?? withoutPreamble(message));
  const terminal = terminalCodes.test(code);
  if (terminal || connectionCodes.has(code)) return unreachable(endpoint, reasonOf(code, message), code, terminal);
  return { code: 'internal', retry: 'terminal', message };
}

/** The error of a call that its signal ended: by its deadline, or because somebody gave up. */
export function abortedError(signal: AbortSignal, endpoint: Endpoint): DriverError {
  const reason: unknown = signal.reason;
  if (reason instanceof Error && reason.name === 'TimeoutError') {
    return {
      code: 'timeout',
      retry: 'terminal',
      message: `the engine at ${endpoint.url} did not answer in time`,
      hint: 'it may hang although it still answers `docker ps`: restart the engine, then apply again',
    };
  }
  return { code: 'aborted', retry: 'terminal', message: 'the call was cut off' };
}

function unreachable(endpoint: Endpoint, reason: string, code: string, terminal: boolean): DriverError {
  return {
    code: 'unreachable',
    retry: terminal ? 'terminal' : 'transient',
    message: `the engine at ${endpoint.url} does not answer (${endpoint.chosenBy}): ${reason}`,
    hint:
      code === 'EACCES' || code === 'EPERM'
        ? 'let this user open the socket: on most systems, make it a member of the group `docker`'
        : 'start the engine, or name another one in DOCKER_HOST',
  };
}

function statusError(status: number, message: string): DriverError {
  switch (status) {
    case 400:
      return { code: 'invalid', retry: 'terminal', message };
    case 401:
    case 403:
      return { code: 'denied', retry: 'terminal', message };
    case 404:
      return { code: 'not-found', retry: 'terminal', message };
    case 409:
      return { code: 'conflict', retry: 'terminal', message };
    default:
      return { code: 'internal', retry: status >= 500 ? 'transient' : 'terminal', message };
  }
}

/** `connect ENOENT /run/x.sock` without the path, which the sentence around it names already. */
function reasonOf(code: string, message: string): string {
  const [syscall] = /^(connect|getaddrinfo|read|write)(?= )/.exec(message) ?? [];
  return syscall ? `${syscall} ${code}` : message || code;
}

/** dockerode puts `(HTTP code 404) no such container - ` before the engine's words. */
function withoutPreamble(message: string): string {
  return message.replace(/^\(HTTP code \d+\) .*? - /, '').trim();
}

function engineText(json: unknown): string | undefined {
  const text = (json as { message?: unknown } | null | undefined)?.message;
  return typeof text === 'string' ? text.trim() : undefined;
}
