import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import type { Cause, Plan } from '../../src/model/plan.ts';
import { driftJson, formatDrift } from '../../src/report/drift.ts';
import { formatPlan } from '../../src/report/plan-text.ts';
import { plainStyle } from '../../src/report/style.ts';
import { expectGolden } from '../support/golden.ts';
import { controls, hostile, pretty } from './hostile.ts';
import {
  address,
  agentSpec,
  change,
  changed,
  declared,
  field,
  firstPlan,
  mixedPlan,
  node,
  plan,
  range,
} from './samples.ts';

function show(of: Plan, showUnchanged = false): string {
  return formatPlan(of, { style: plainStyle, showUnchanged });
}

describe('a plan for people', () => {
  it('fits on one screen for three new agents', () => {
    const text = show(firstPlan());
    expectGolden('report/plan-text/first.txt', text);
    expect(text.split('\n').length).toBeLessThan(40);
  });

  it('tells drift apart from changes, and names cause and line of each change', () => {
    expectGolden('report/plan-text/mixed.txt', show(mixedPlan()));
  });

  it('lists what stays as it is when asked to', () => {
    expectGolden('report/plan-text/unchanged.txt', show(mixedPlan(), true));
  });

  it('is coloured by action where colours are wanted', () => {
    expectGolden('report/plan-text/colours.txt', formatPlan(mixedPlan(), { style: pc.createColors(true) }));
  });

  it('says so when there is nothing to do', () => {
    const agents = ['agent/a/0', 'agent/b/0', 'agent/b/1'].map((text) => change(text, 'no-op', declared));
    const all = [...agents, change('network/default', 'no-op', declared)];
    expect(show(plan({ changes: all }))).toBe('No changes. 3 agents are as the manifests say.\n');
    expect(show(plan({ changes: agents.slice(0, 1) }))).toBe('No changes. 1 agent is as the manifests say.\n');
    expect(show(plan())).toBe('No changes. There are no agents.\n');
  });

  it('reads every cause as the end of the sentence', () => {
    const causes: readonly Cause[] = [
      declared,
      { type: 'undeclared' },
      { type: 'requested' },
      changed,
      { type: 'drifted' },
      { type: 'unknown' },
      { type: 'missing' },
      { type: 'not-running', phase: 'exited', exitCode: 1 },
      { type: 'not-running', phase: 'created' },
      { type: 'not-running', phase: 'exited', exitCode: 137, detail: 'memory limit' },
      { type: 'image-moved', image: 'web:latest' },
      { type: 'reference-changed' },
      { type: 'dependency-replaced', dependency: address('network/default') },
      { type: 'driver-changed', from: 'docker', to: 'process' },
      { type: 'superseded' },
      { type: 'scaled-down' },
      { type: 'scaled-up' },
    ];
    const changes = causes.map((cause, index) => change(`agent/a${String(index)}/0`, 'replace', cause));
    expectGolden('report/plan-text/causes.txt', show(plan({ changes, nodes: [node('remove', 'agent/a0/0')] })));
  });

  it('names the driver where there are several', () => {
    const changes = [
      change('agent/a/0', 'delete', { type: 'driver-changed', from: 'docker', to: 'process' }),
      change('agent/a/0', 'create', { type: 'driver-changed', from: 'docker', to: 'process' }, { driver: 'process' }),
      change('volume/data', 'delete', { type: 'requested' }, { approval: { type: 'data-loss' } }),
      change('agent/job/0', 'create', { type: 'missing' }, { approval: { type: 'rerun' } }),
    ];
    expectGolden('report/plan-text/drivers.txt', show(plan({ changes, nodes: [node('remove', 'agent/a/0')] })));
  });

  it('shows of further replicas only what differs from the first', () => {
    const replicas = [0, 1, 2, 3];
    const text = show(
      plan({
        changes: replicas.map((index) => change(`agent/web/${String(index)}`, 'create', declared)),
        nodes: replicas.map((index) =>
          node('create', `agent/web/${String(index)}`, {
            spec: agentSpec({ image: index === 3 ? 'web:2' : 'web:1' }),
          }),
        ),
      }),
    );
    expectGolden('report/plan-text/replicas.txt', text);
  });

  it('cuts long values so that what differs stays in sight', () => {
    const start = 'you are the friendly agent of a support desk; '.repeat(6);
    const fields = [
      field(['environment', 'PROMPT'], {
        before: `${start}be brief`,
        after: `${start}be kind`,
        forcesReplacement: true,
      }),
      field(['environment', 'WIDE'], { before: hostile.wide, after: hostile.long, forcesReplacement: true }),
      field(['labels', 'a'.repeat(80)], { before: 'x', after: 'y', forcesReplacement: true }),
      field(['environment', 'EMPTY'], { before: 'x', after: '', forcesReplacement: true }),
      field(['command'], {
        before: ['node', 'a.js'],
        after: ['node', 'b.js'],
        origin: 'unknown',
        forcesReplacement: true,
      }),
    ];
    const of = plan({
      changes: [change('agent/web/0', 'replace', changed, { fields, source: range('web.agent.yaml', 3, 5) })],
      nodes: [node('create', 'agent/web/0')],
    });
    expectGolden('report/plan-text/long.txt', show(of));
  });

  it('never shows a value behind a reference', () => {
    const text = show(mixedPlan());
    expect(text).toContain('(sensitive) ${TOKEN} has another value');
  });

  it('does not let a value, name, note or path break the terminal', () => {
    for (const text of Object.values(hostile)) {
      const spec = agentSpec({
        image: text,
        command: [text],
        environment: { [text]: text },
        ports: { [text]: { host: text, hostIp: text } },
        volumes: { [text]: { type: 'bind', source: text, readOnly: false } },
        healthCheck: { type: 'file', path: text } as never,
      });
      const fields = [field(['environment', text], { before: text, after: { a: [text] } })];
      const of = plan({
        drift: [{ address: address(`agent/${text}/0`), driver: 'docker', type: 'fields', fields }],
        changes: [
          change(`agent/${text}/0`, 'create', { type: 'image-moved', image: text }, { notes: [text] }),
          change('agent/b/0', 'replace', { type: 'not-running', phase: text }, { fields, source: range(text, 1, 1) }),
        ],
        nodes: [node('create', `agent/${text}/0`, { spec })],
      });
      expect(show(of)).not.toMatch(controls);
    }
  });
});

describe('drift by itself', () => {
  it('names what moved and what puts it right', () => {
    expectGolden('report/drift/mixed.txt', formatDrift(mixedPlan(), { style: plainStyle }));
    expectGolden('report/drift/mixed.json', pretty(driftJson(mixedPlan())));
  });

  it('says so when nothing moved', () => {
    expect(formatDrift(firstPlan(), { style: plainStyle })).toBe('No drift. Nothing changed outside of aac.\n');
  });
});
