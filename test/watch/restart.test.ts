import { expect, test } from 'vitest';
import type { ObservedResource } from '../../src/model/observed.ts';
import { err, ok } from '../../src/util/result.ts';
import { beginRestart, beginSupervision } from '../../src/watch/restart-policy.ts';
import { restart, type RestartGround } from '../../src/watch/restart.ts';
import { FakeClock } from '../apply/fake-clock.ts';
import { agent, standing } from '../support/planning.ts';

const life = '2026-01-01T00:00:00.000Z';
const web: ObservedResource = { ...standing(agent('web')), phase: 'running', startedAt: life };
const supervision = beginSupervision(web.ref, life);
const never = new AbortController().signal;

/** What is there, and what was done to it in which order. */
function ground(seen: ObservedResource | undefined, parts: Partial<RestartGround> = {}) {
  const log: string[] = [];
  const whole: RestartGround = {
    driver: {
      inspect: async () => ok(seen),
      execute: async ({ verb }) => {
        log.push(verb);
        return ok({});
      },
    },
    context: {
      workspace: 'demo',
      root: '/',
      directory: '/',
      origin: 'manifest',
      values: { read: async () => undefined },
    },
    lock: { hold: async () => ok({ [Symbol.asyncDispose]: async () => void log.push('unlock') }) },
    clock: new FakeClock(),
    signal: never,
    abort: never,
    ...parts,
  };
  return { log, run: (known = supervision) => restart(web, known, whole, async () => void log.push('begin')) };
}

test('what runs is stopped and started, what has ended only started, each after it was written down', async () => {
  const running = ground(web);
  expect(await running.run()).toEqual({ type: 'restarted' });
  expect(running.log).toEqual(['begin', 'stop', 'start', 'unlock']);
  const ended = ground({ ...web, phase: 'exited', exitCode: 1 });
  expect(await ended.run()).toEqual({ type: 'restarted' });
  expect(ended.log).toEqual(['begin', 'start', 'unlock']);
});

test.each<[string, ObservedResource | undefined]>([
  ['is gone', undefined],
  ['was started by somebody else', { ...web, startedAt: '2026-01-02T00:00:00.000Z' }],
  ['was stopped by somebody else', { ...web, phase: 'exited', stopRequested: true }],
])('nothing is done to what %s meanwhile', async (_name, seen) => {
  const stage = ground(seen);
  expect(await stage.run()).toEqual({ type: 'moot' });
  expect(stage.log).toEqual(['unlock']);
});

test('a stop that a killed supervisor had made is followed by the start', async () => {
  const stage = ground({ ...web, phase: 'exited', stopRequested: true });
  expect(await stage.run(beginRestart(supervision))).toEqual({ type: 'restarted' });
  expect(stage.log).toEqual(['begin', 'start', 'unlock']);
});

test('an end of the watch begins no restart, and leaves none half done', async () => {
  const ending = new AbortController();
  const stage = ground(web, { signal: ending.signal });
  const log: string[] = [];
  const halfway = ground(web, {
    signal: ending.signal,
    driver: {
      inspect: async () => ok(web),
      execute: async ({ verb }) => {
        log.push(verb);
        ending.abort();
        return ok({});
      },
    },
  });
  expect(await halfway.run()).toEqual({ type: 'restarted' });
  expect(log).toEqual(['stop', 'start']);
  expect(await stage.run()).toEqual({ type: 'moot' });
});

test('only what would fail again counts against the agent', async () => {
  const refusing = (retry: 'transient' | 'terminal') =>
    ground(web, {
      driver: { inspect: async () => ok(web), execute: async () => err({ code: 'invalid', retry, message: 'no' }) },
    }).run();
  expect(await refusing('transient')).toEqual({ type: 'refused', message: 'no', counts: false });
  expect(await refusing('terminal')).toEqual({ type: 'refused', message: 'no', counts: true });
});
