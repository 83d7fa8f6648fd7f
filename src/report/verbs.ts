import type { PlanNode } from '../model/plan.ts';

type Verb = PlanNode['step']['verb'];

/** What a step is busy with, after the name of its resource. */
export function doing(step: PlanNode['step']): string {
  if (step.verb !== 'wait') return gerunds[step.verb];
  return step.until === 'ready' ? 'waiting until it is ready' : 'waiting until it has completed';
}

/** What a step has done. */
export function done(step: PlanNode['step']): string {
  if (step.verb !== 'wait') return participles[step.verb];
  return step.until;
}

/** What a step could not do. */
export function notDone(step: PlanNode['step']): string {
  if (step.verb === 'pull') return 'could not get its image';
  if (step.verb !== 'wait') return `could not be ${participles[step.verb]}`;
  return step.until === 'ready' ? 'did not become ready' : 'did not complete';
}

const gerunds: Readonly<Record<Exclude<Verb, 'wait'>, string>> = {
  pull: 'pulling its image',
  create: 'creating',
  update: 'updating',
  start: 'starting',
  stop: 'stopping',
  remove: 'removing',
};

const participles: Readonly<Record<Exclude<Verb, 'wait'>, string>> = {
  pull: 'image pulled',
  create: 'created',
  update: 'updated',
  start: 'started',
  stop: 'stopped',
  remove: 'removed',
};
