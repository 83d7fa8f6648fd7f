import type { PlanNode } from '../model/plan.ts';

type Verb = PlanNode['step']['verb'];

/** What a step is busy with, after the name of its resource. */
export function doing(step: PlanNode['step']): string {
  if (step.verb !== 'wait') return gerunds[step.verb];
  return waits[step.until].doing;
}

/** What a step has done. */
export function done(step: PlanNode['step']): string {
  if (step.verb !== 'wait') return participles[step.verb];
  return waits[step.until].done;
}

/** What a step could not do. */
export function notDone(step: PlanNode['step']): string {
  if (step.verb === 'pull') return 'could not get its image';
  if (step.verb !== 'wait') return `could not be ${participles[step.verb]}`;
  return waits[step.until].notDone;
}

const waits = {
  started: { doing: 'waiting until it stays up', done: 'stays up', notDone: 'did not stay up' },
  ready: { doing: 'waiting until it is ready', done: 'ready', notDone: 'did not become ready' },
  completed: { doing: 'waiting until it has completed', done: 'completed', notDone: 'did not complete' },
  drained: { doing: 'waiting for the last requests by name', done: 'drained', notDone: 'was not drained' },
} as const;

const gerunds: Readonly<Record<Exclude<Verb, 'wait'>, string>> = {
  pull: 'pulling its image',
  create: 'creating',
  update: 'updating',
  start: 'starting',
  route: 'giving it its name',
  unroute: 'taking its name from it',
  stop: 'stopping',
  remove: 'removing',
};

const participles: Readonly<Record<Exclude<Verb, 'wait'>, string>> = {
  pull: 'image pulled',
  create: 'created',
  update: 'updated',
  start: 'started',
  route: 'given its name',
  unroute: 'relieved of its name',
  stop: 'stopped',
  remove: 'removed',
};
