import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../../../src/drivers/docker/endpoint.ts';
import { driverErrorOf } from '../../../src/drivers/docker/errors.ts';

const endpoint: Endpoint = {
  url: 'unix:///run/x.sock',
  chosenBy: 'chosen by DOCKER_HOST',
  address: { type: 'socket', path: '/run/x.sock' },
};
const never = new AbortController().signal;

function systemError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

describe('an engine error', () => {
  it.each([
    [400, 'invalid', 'terminal'],
    [401, 'denied', 'terminal'],
    [403, 'denied', 'terminal'],
    [404, 'not-found', 'terminal'],
    [409, 'conflict', 'terminal'],
    [500, 'internal', 'transient'],
    [503, 'internal', 'transient'],
  ])('of status %d is `%s`, %s, in the engine’s words', (statusCode, code, retry) => {
    const error = { statusCode, reason: 'misleading', json: { message: 'the engine says ' } };
    expect(driverErrorOf(error, endpoint, never)).toEqual({ code, retry, message: 'the engine says' });
  });

  it('that came on a stream is read without what dockerode puts before it', () => {
    const message = '(HTTP code 404) no such container - No such container: abc ';
    expect(driverErrorOf(Object.assign(new Error(message), { statusCode: 404 }), endpoint, never)).toMatchObject({
      message: 'No such container: abc',
    });
  });
});

describe('a connection that fails', () => {
  it('says which engine was tried, why that one, and what to do', () => {
    const error = systemError('ENOENT', 'connect ENOENT /run/x.sock');
    expect(driverErrorOf(error, endpoint, never)).toEqual({
      code: 'unreachable',
      retry: 'transient',
      message: 'the engine at unix:///run/x.sock does not answer (chosen by DOCKER_HOST): connect ENOENT',
      hint: 'start the engine, or name another one in DOCKER_HOST',
    });
  });

  it('for want of rights is not tried again, and the hint is about rights', () => {
    const error = driverErrorOf(systemError('EACCES', 'connect EACCES /run/x.sock'), endpoint, never);
    expect(error).toMatchObject({ code: 'unreachable', retry: 'terminal' });
    expect(error.hint).toContain('group `docker`');
  });

  it.each(['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'CERT_HAS_EXPIRED'])(
    'over TLS with %s is not tried again',
    (code) => {
      expect(driverErrorOf(systemError(code, 'no'), endpoint, never)).toMatchObject({
        code: 'unreachable',
        retry: 'terminal',
      });
    },
  );

  it('keeps a reason where the system gives no words', () => {
    expect(driverErrorOf(systemError('ECONNREFUSED', ''), endpoint, never).message).toContain('ECONNREFUSED');
  });
});

describe('an aborted signal', () => {
  it('tells a deadline from somebody who gave up, whatever the connection said', () => {
    const late = new AbortController();
    late.abort(new DOMException('too late', 'TimeoutError'));
    const error = systemError('ECONNRESET', 'socket hang up');
    expect(driverErrorOf(error, endpoint, late.signal)).toMatchObject({ code: 'timeout' });
    expect(driverErrorOf(error, endpoint, AbortSignal.abort())).toMatchObject({ code: 'aborted' });
  });
});
