import { describe, expect, test } from 'vitest';
import { plan, type PlanOptions } from '../../src/plan/plan.ts';
import type { PlanHold } from '../../src/runtime/plan-workspace.ts';
import { heldLines, waitingChange } from '../../src/watch/held-lines.ts';
import { holdBack, type Held, type HoldPolicy } from '../../src/watch/hold.ts';
import { agent, at, desire, network, observe, standing } from '../support/planning.ts';

const lenient: HoldPolicy = {
  isSuspended: () => false,
  allSuspended: false,
  window: { type: 'open' },
  heal: true,
  prune: 'yes',
  quarantined: () => undefined,
  failed: () => undefined,
};

type World = readonly [Parameters<typeof plan>[0], Parameters<typeof plan>[1], PlanOptions?];

/** What is held of the plan of a world, and what of it is done all the same. */
function judge([desired, observed, options = {}]: World, policy: Partial<HoldPolicy>) {
  const held: Held = holdBack(plan(desired, observed, options), { ...lenient, ...policy });
  const left: PlanHold = held;
  const made = plan(desired, observed, { ...options, held: left.templates, prune: left.prune });
  return {
    held: held.changes.map(({ address, reason }) => `${address} ${reason.type}`),
    waiting: held.changes.map(waitingChange),
    done: made.changes.flatMap(({ address, action }) => (action === 'no-op' ? [] : [`${action} ${address}`])),
    faults: held.faults,
    lines: heldLines(held.changes),
  };
}

const [web, db] = [agent('web'), agent('db')];
const twoChanged: World = [
  desire([agent('web', { image: 'web:2' }), agent('db', { image: 'db:2' })]),
  observe([standing(web), standing(db)]),
];

test('what nothing speaks against is done', () => {
  expect(judge(twoChanged, {})).toMatchObject({ held: [], done: ['replace agent/db/0', 'replace agent/web/0'] });
});

describe('a suspension', () => {
  test('of one agent leaves the others to be seen to', () => {
    const { held, done, lines } = judge(twoChanged, { isSuspended: (name) => name === 'web' });
    expect(held).toEqual(['agent/web/0 suspended']);
    expect(done).toEqual(['replace agent/db/0']);
    expect(lines[0]).toContain('`aac resume web`');
  });

  test('of the workspace leaves everything, networks and what is undeclared as well', () => {
    const world: World = [desire([web, network('back')]), observe([standing(db)])];
    expect(judge(world, { allSuspended: true }).done).toEqual([]);
    expect(judge(world, {}).done).toContain('create network/back');
  });
});

describe('a closed sync window', () => {
  const closed = { window: { type: 'closed', until: Date.parse('2026-11-23T09:00:00Z') } } as const;

  test('holds every change, with when it opens and how to do it now', () => {
    const { done, lines, waiting } = judge(twoChanged, closed);
    expect(done).toEqual([]);
    expect(waiting[1]).toEqual({
      address: 'agent/web/0',
      action: 'replace',
      reason: 'window',
      until: '2026-11-23T09:00:00.000Z',
    });
    expect(lines).toContain(
      'agent/web/0 would be replaced: it waits for the sync window at 2026-11-23 09:00 UTC; `aac apply --target web` does it now',
    );
  });

  describe('beside an autoscaler', () => {
    const scaled = (image: string) =>
      agent('web', { image, replicas: { type: 'autoscaled', initial: 1, min: 1, max: 5 } });
    const scale = new Map([[scaled('').address, { replicas: 3, because: 'cpu 140 % of 70 %' }]]);

    test('lets it have more and fewer of what runs', () => {
      const up: World = [desire([scaled('web:1')]), observe([standing(scaled('web:1'))]), { scale }];
      expect(judge(up, closed)).toMatchObject({ held: [], done: ['create agent/web/1', 'create agent/web/2'] });
      const three = [0, 1, 2].map((index) => standing(scaled('web:1'), { index }));
      const fewer = new Map([[scaled('').address, { replicas: 2, because: 'cpu 10 % of 70 %' }]]);
      expect(judge([desire([scaled('web:1')]), observe(three), { scale: fewer }], closed).done).toEqual([
        'delete agent/web/2',
      ]);
    });

    test('holds the agent whole once its manifest has changed, as more replicas would be of another kind', () => {
      const changed: World = [desire([scaled('web:2')]), observe([standing(scaled('web:1'))]), { scale }];
      expect(judge(changed, closed)).toMatchObject({
        done: [],
        held: ['agent/web/0 window', 'agent/web/1 window', 'agent/web/2 window'],
      });
    });
  });

  test('keeps no agent waiting that goes back from a failed rollout', () => {
    const { held, done } = judge(twoChanged, { ...closed, goesBack: (template) => template === 'agent/web' });
    expect(held).toEqual(['agent/db/0 window']);
    expect(done).toEqual(['replace agent/web/0']);
  });

  test('holds deletions', () => {
    expect(judge([desire([web]), observe([standing(web), standing(db)])], closed)).toMatchObject({
      held: ['agent/db/0 window'],
      done: [],
    });
  });

  test('lets what has stopped be started, as that changes nothing', () => {
    const stopped = standing(web, { phase: 'exited', exitCode: 1 });
    expect(judge([desire([web]), observe([stopped])], closed).done).toEqual(['start agent/web/0']);
  });
});

describe('without healing', () => {
  const heal = false;

  test('what the world did stays as it is', () => {
    const gone: World = [desire([web]), observe([]), { applied: new Set([at('agent/web/0')]) }];
    expect(judge(gone, { heal })).toMatchObject({ held: ['agent/web/0 no-heal'], done: [] });
    const stopped: World = [desire([web]), observe([standing(web, { phase: 'exited', exitCode: 1 })])];
    expect(judge(stopped, { heal })).toMatchObject({ held: ['agent/web/0 no-heal'], done: [] });
  });

  test('what manifests say is done, and what an apply that was cut off has made is started', () => {
    expect(judge(twoChanged, { heal }).held).toEqual([]);
    const made: World = [desire([web]), observe([standing(web, { phase: 'created' })])];
    expect(judge(made, { heal }).done).toEqual(['start agent/web/0']);
  });
});

test.each([
  ['no', 'no-prune'],
  ['not while broken', 'broken-manifest'],
] as const)('with `prune: %s` nothing is deleted, and what is declared is seen to', (prune, reason) => {
  const world: World = [desire([agent('web', { image: 'web:2' })]), observe([standing(web), standing(db)])];
  expect(judge(world, { prune })).toMatchObject({ held: [`agent/db/0 ${reason}`], done: ['replace agent/web/0'] });
});

test('more deletions than a plan may make wait for a person, and keep nothing else waiting', () => {
  const others = ['a', 'b', 'c', 'd'].map((name) => standing(agent(name)));
  const world: World = [desire([web]), observe(others), { deletions: {} }];
  const { done, held, faults } = judge(world, {});
  expect(done).toEqual(['create agent/web/0']);
  expect(held).toHaveLength(4);
  expect(faults).toMatchObject([
    { code: 'mass-delete', hint: expect.stringContaining('aac apply --allow-delete') as string },
  ]);
});

test('what a plan would ask a person for is not done without one', () => {
  const job = agent('job', { restart: 'never' });
  const options = { applied: new Set([at('agent/job/0')]) };
  const { held, done, lines } = judge([desire([job, web]), observe([]), options], {});
  expect(held).toEqual(['agent/job/0 approval']);
  expect(done).toEqual(['create agent/web/0']);
  expect(lines[0]).toContain('`aac apply --target job`');
});

test('what is wrong with one agent alone keeps no other waiting', () => {
  const images = new Map([
    ['gone:1', null],
    ['web:1', 'sha256:1'],
  ]);
  const world: World = [desire([agent('web', { image: 'gone:1', pullPolicy: 'Never' }), db]), observe([], { images })];
  const { faults, done } = judge(world, {});
  expect(faults).toMatchObject([{ code: 'image-not-found', address: 'agent/web' }]);
  expect(done).toEqual(['create agent/db/0']);
});

test('an agent that failed is left until it is tried again', () => {
  const failed = (name: string) => (name === 'web' ? { message: 'no such image' } : undefined);
  const { held, done, lines } = judge(twoChanged, { failed });
  expect(held).toEqual(['agent/web/0 failed']);
  expect(done).toEqual(['replace agent/db/0']);
  expect(lines[0]).toContain('no such image; tried again once its manifest changes');
});

test('an agent whose manifest failed before is left until it changes', () => {
  const quarantined = (template: string) => (template === 'agent/web' ? 'its rollout failed' : undefined);
  const { held, done, lines } = judge(twoChanged, { quarantined });
  expect(held).toEqual(['agent/web/0 quarantine']);
  expect(done).toEqual(['replace agent/db/0']);
  expect(lines[0]).toContain(
    'its rollout failed; left until its manifest changes, or `aac apply --target web` succeeds',
  );
});
