import { describe, expect, it } from 'vitest';
import { describeMove } from '../../src/apply/moved.ts';
import { MemoryWorld } from '../../src/drivers/memory/memory-world.ts';
import { fieldPath } from '../../src/model/field-path.ts';
import type { ObservedResource } from '../../src/model/observed.ts';
import { versionOf, withFields } from '../../src/model/version.ts';
import { createAgent, image, standing } from './plans.ts';

const memory = fieldPath('resources', 'limits', 'memory');
const cpu = fieldPath('resources', 'limits', 'cpu');

async function agent(): Promise<ObservedResource> {
  return standing(new MemoryWorld({ images: { [image]: '1' } }), createAgent('a', { environment: { LEVEL: 'info' } }));
}

/** What is said of an object that was planned for as `planned` and is `now`. */
function told(
  planned: ObservedResource,
  now: ObservedResource,
  listed: Parameters<typeof describeMove>[2] = [],
): string {
  return describeMove(versionOf(planned), now, listed).message.replace(/^.* was planned: /, '');
}

describe('an object that has moved', () => {
  it('is described by the field and its values', async () => {
    const planned = await agent();
    const now = { ...planned, live: withFields(planned.live, { [memory]: 5 }) };
    expect(told(planned, now)).toBe('`resources.limits.memory` is 5 instead of null');
    expect(describeMove(versionOf(planned), now, [])).toMatchObject({
      code: 'moved',
      retry: 'terminal',
      field: memory,
    });
  });

  it('is described by whether it runs', async () => {
    const planned = await agent();
    const stopped: ObservedResource = { ...planned, phase: 'exited' };
    expect(told(planned, stopped)).toBe('it does not run any more');
    expect(told(stopped, planned)).toBe('it runs now');
  });

  it('is not described by fields that had moved when it was planned', async () => {
    const applied = await agent();
    const planned = { ...applied, live: withFields(applied.live, { [cpu]: 7 }) };
    const now = { ...planned, live: withFields(planned.live, { [memory]: 5 }) };
    expect(told(planned, now)).toBe('`resources.limits.memory` is 5 instead of null');
  });

  it('is described against the live value that the plan has shown', async () => {
    const applied = await agent();
    const planned = { ...applied, live: withFields(applied.live, { [cpu]: 7 }) };
    const now = { ...planned, live: withFields(planned.live, { [cpu]: 9 }) };
    const shown = { path: cpu, origin: 'drift', before: 7, after: null, forcesReplacement: false } as const;
    expect(told(planned, now, [shown])).toBe('`resources.limits.cpu` is 9 instead of 7');
  });

  it('does not give away what an environment variable holds', async () => {
    const planned = await agent();
    const now = { ...planned, live: withFields(planned.live, { [fieldPath('environment', 'LEVEL')]: 'debug' }) };
    expect(told(planned, now)).toBe('`environment.LEVEL` has changed');
  });

  it('is not described by a guess', async () => {
    const planned = await agent();
    const now = { ...planned, live: withFields(planned.live, { [memory]: 5 }) };
    expect(describeMove('another version', now, []).message).toContain('something else has changed it');
  });
});
