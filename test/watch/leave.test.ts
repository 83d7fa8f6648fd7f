import { expect, test } from 'vitest';
import type { ObservedResource } from '../../src/model/observed.ts';
import type { RestartPolicySpec } from '../../src/model/spec.ts';
import type { Supervision, SupervisionState } from '../../src/model/supervision.ts';
import { leftToSupervisor } from '../../src/watch/leave.ts';
import { agent, standing } from '../support/planning.ts';

function ended(name: RestartPolicySpec['name'], parts: Partial<ObservedResource> = {}): ObservedResource {
  const web = standing(agent('web'));
  const lastApplied = { ...web.record.lastApplied, restartPolicy: { name, maxRetries: 0 } };
  return { ...web, phase: 'exited', exitCode: 1, ...parts, record: { ...web.record, lastApplied } };
}

function supervised(state: SupervisionState): Partial<ObservedResource> {
  const rest: Omit<Supervision, 'state'> = {
    format: 1,
    ref: '',
    life: '',
    restarts: 0,
    streak: 0,
    failures: [],
    health: 'none',
  };
  return { supervision: { ...rest, state } };
}

test.each<[string, ObservedResource, boolean, string | undefined]>([
  ['a crash that nobody else restarts', ended('always'), true, 'it has ended, and its restart policy decides'],
  ['a crash that the engine restarts', ended('always'), false, undefined],
  ['an end that its policy leaves, whoever restarts', ended('never'), false, '`restartPolicy: never` leaves it'],
  ['what aac stopped', ended('always', { stopRequested: true }), true, undefined],
  ['what never ran', ended('always', { phase: 'created' }), true, undefined],
  ['what runs', ended('always', { phase: 'running' }), true, undefined],
  [
    'what waits for its restart',
    ended('always', supervised({ type: 'waiting', until: 5_000, because: 'exited with code 1' })),
    true,
    'exited with code 1; restarted in 4 s',
  ],
  ['what was given up', ended('always', supervised({ type: 'failed', because: 'given up' })), true, 'given up'],
])('%s', (_name, seen, restartsEnded, why) => {
  const left = leftToSupervisor(seen, restartsEnded, 1_000);
  if (why === undefined) expect(left).toBeUndefined();
  else expect(left).toContain(why);
});
