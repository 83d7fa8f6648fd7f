import { describe, expect, it } from 'vitest';
import type { ApplyEvent } from '../../src/model/event.ts';
import type { DriverError, Outcome } from '../../src/model/outcome.ts';
import type { Plan, PlanNode } from '../../src/model/plan.ts';
import { advanceProgress, initialProgress, type ProgressState } from '../../src/report/progress-state.ts';
import { eventJson, progressLine, renderProgress, settledLines } from '../../src/report/progress.ts';
import { plainStyle } from '../../src/report/style.ts';
import { displayWidth, printable } from '../../src/report/text.ts';
import { expectGolden } from '../support/golden.ts';
import { controls, hostile } from './hostile.ts';
import { change, declared, failed, firstPlan, node, plan, report, succeeded } from './samples.ts';

const start = Date.UTC(2026, 0, 2, 3, 4, 5);
const view = { style: plainStyle, width: 80, rows: 24 };
const error: DriverError = { code: 'unreachable', retry: 'transient', message: 'the engine did not answer' };

function nodeOf(of: Plan, id: string): PlanNode {
  return of.nodes.find((each) => each.id === id)!;
}

const started = (each: PlanNode, at: number): ApplyEvent => ({ type: 'node-started', node: each, at: start + at });
const finished = (each: PlanNode, outcome: Outcome, at: number): ApplyEvent => ({
  type: 'node-finished',
  node: each,
  outcome,
  at: start + at,
});

/** What a terminal shows after each event: the lines that stay, then the live ones. */
function play(events: readonly ApplyEvent[]): string {
  let state = initialProgress;
  return events
    .map((event) => {
      state = advanceProgress(state, event);
      const name = 'node' in event ? `${event.type} ${printable(event.node.id)}` : event.type;
      const lines = [...settledLines(state, view).map((line) => `! ${line}`), ...renderProgress(state, event.at, view)];
      return [`== ${name}`, ...lines, ''].join('\n');
    })
    .join('\n');
}

function after(events: readonly ApplyEvent[]): ProgressState {
  return events.reduce(advanceProgress, initialProgress);
}

const of = firstPlan();
const network = nodeOf(of, 'create network/default');
const create = nodeOf(of, 'create agent/web/0');
const run = nodeOf(of, 'start agent/web/0');
const wait = nodeOf(of, 'wait agent/web/0');
const other = nodeOf(of, 'create agent/chat/0');
const begun: ApplyEvent = { type: 'apply-started', plan: of, at: start };

const story: readonly ApplyEvent[] = [
  begun,
  started(network, 10),
  finished(network, succeeded(200), 210),
  started(create, 220),
  started(other, 230),
  { type: 'node-retrying', node: other, attempt: 1, delay: 1800, error, at: start + 900 },
  finished(create, succeeded(1000), 1220),
  started(run, 1230),
  finished(run, succeeded(300), 1530),
  started(wait, 1540),
  { type: 'node-progress', node: wait, message: 'health check failed: exit code 1', at: start + 2500 },
  finished(other, failed(error), 3000),
  { type: 'interrupted', running: 1, at: start + 3100 },
  finished(wait, succeeded(2000), 3540),
  { type: 'apply-finished', report: report('interrupted', of), at: start + 3550 },
];

describe('progress on a terminal', () => {
  it('has one line for each active resource, and leaves one behind for each that is through', () => {
    expectGolden('report/progress/terminal.txt', play(story));
  });

  it('is never wider or higher than the terminal', () => {
    const addresses = Array.from({ length: 50 }, (_, index) => `agent/${'日本'.repeat(index % 20)}x/${String(index)}`);
    const nodes = addresses.map((text) => node('create', text));
    const changes = addresses.map((text) => change(text, 'create', declared));
    const state = after([
      { type: 'apply-started', plan: plan({ changes, nodes }), at: start },
      ...nodes.map((each) => started(each, 0)),
      ...nodes.map((each): ApplyEvent => ({ type: 'node-progress', node: each, message: hostile.long, at: start })),
    ]);
    for (const [width, rows] of [
      [80, 24],
      [60, 5],
      [200, 52],
    ] as const) {
      const lines = renderProgress(state, start + 1000, { style: plainStyle, width, rows });
      expect(lines.length).toBeLessThanOrEqual(rows);
      expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(width);
    }
    expect(renderProgress(state, start, { ...view, rows: 5 })).toContain('    … and 47 more');
  });

  it('does not call a resource done of which one step failed', () => {
    const two = plan({
      changes: [change('agent/a/0', 'create', declared)],
      nodes: [node('pull', 'agent/a/0'), node('create', 'agent/a/0')],
    });
    const [pull, make] = two.nodes as [PlanNode, PlanNode];
    const events = [
      { type: 'apply-started', plan: two, at: start } as const,
      started(pull, 0),
      started(make, 0),
      finished(pull, failed(error), 10),
      finished(make, succeeded(20), 20),
    ];
    expect(after(events).counts).toEqual({ all: 1, done: 0, failed: 1 });
    expect(after(events).active.size).toBe(0);
  });

  it('does not let a message or a name break the terminal', () => {
    for (const text of Object.values(hostile)) {
      const nasty = node('create', `agent/${text}/0`);
      const events: readonly ApplyEvent[] = [
        { type: 'apply-started', plan: plan({ nodes: [nasty] }), at: start },
        started(nasty, 0),
        { type: 'node-progress', node: nasty, message: text, at: start },
        { type: 'node-retrying', node: nasty, attempt: 1, delay: 100, error: { ...error, message: text }, at: start },
        finished(nasty, failed({ ...error, message: text }), 5),
      ];
      expect(play(events)).not.toMatch(controls);
      for (const line of events.map(progressLine)) expect(line ?? '').not.toMatch(/[\n\u001b\u0007\u009b\u202e]/);
    }
  });
});

describe('progress in a log', () => {
  it('is a plain line for what is worth one', () => {
    expectGolden(
      'report/progress/plain.txt',
      `${story.map((event) => progressLine(event) ?? `(${event.type})`).join('\n')}\n`,
    );
  });

  it('says nothing of what was skipped or never begun', () => {
    expect(progressLine(finished(create, { status: 'skipped', blockedBy: network.id }, 1))).toBeUndefined();
    expect(progressLine(finished(create, { status: 'not-started' }, 1))).toBeUndefined();
    expect(progressLine(finished(create, { status: 'cancelled', elapsed: 1500 }, 1))).toBe(
      'agent/web/0: create was cut off after 1.5 s',
    );
  });
});

describe('progress for programs', () => {
  it('is one small versioned document for each event', () => {
    const lines = story.map((event) => JSON.stringify(eventJson(event)));
    expectGolden('report/progress/events.jsonl', `${lines.join('\n')}\n`);
  });

  it('repeats no plan and no spec', () => {
    for (const event of story.slice(0, -1)) {
      expect(JSON.stringify(eventJson(event)).length).toBeLessThan(500);
      expect(JSON.stringify(eventJson(event))).not.toContain('LOG_LEVEL');
    }
  });
});
