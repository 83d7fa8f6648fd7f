import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { fieldPath } from '../../src/model/field-path.ts';
import type { ApplyReport, DriverError, Outcome } from '../../src/model/outcome.ts';
import type { NodeId } from '../../src/model/plan.ts';
import { formatLedger, ledgerJson } from '../../src/report/ledger.ts';
import { plainStyle } from '../../src/report/style.ts';
import { expectGolden } from '../support/golden.ts';
import { controls, hostile, pretty } from './hostile.ts';
import { change, changed, declared, failed, firstPlan, mixedPlan, node, plan, range, report } from './samples.ts';

const show = (of: ApplyReport): string => formatLedger(of, { style: plainStyle });
const lastLines = (of: ApplyReport, count: number): string => show(of).trimEnd().split('\n').slice(-count).join('\n');
const blockedBy = (text: string): Outcome => ({ status: 'skipped', blockedBy: text as NodeId });
const notStarted: Outcome = { status: 'not-started' };

const portTaken: DriverError = {
  code: 'conflict',
  retry: 'terminal',
  message: 'port 9090 is already in use by container shop-1\nengine: bind: address already in use',
  hint: 'stop it, or give `web` another host port',
  field: fieldPath('ports', '9090/tcp', 'host'),
  details: ['listening on 9090', 'Error: EADDRINUSE'],
};

const broken = report('failed', mixedPlan(), {
  'start agent/web/0': { status: 'failed', elapsed: 900, attempts: 3, error: portTaken },
  'wait agent/web/0': blockedBy('start agent/web/0'),
  'create agent/web/1': blockedBy('start agent/web/0'),
  'start agent/web/1': blockedBy('start agent/web/0'),
  'wait agent/web/1': blockedBy('start agent/web/0'),
  'start agent/search/0': blockedBy('start agent/web/0'),
});

describe('the ledger for people', () => {
  it('counts what was done', () => {
    expectGolden('report/ledger/succeeded.txt', show(report('succeeded', firstPlan())));
  });

  it('tells each failure with cause, field, line, details and hint, and each root cause once', () => {
    expectGolden('report/ledger/failed.txt', show(broken));
    expectGolden('report/ledger/colours.txt', formatLedger(broken, { style: pc.createColors(true) }));
  });

  it('tells what an interruption cut off and what it kept from beginning', () => {
    const of = report('interrupted', mixedPlan(), {
      'stop agent/old/0': { status: 'cancelled', elapsed: 3200 },
      'remove agent/old/0': notStarted,
      'create agent/chat/0': notStarted,
      'start agent/search/0': notStarted,
    });
    expectGolden('report/ledger/interrupted.txt', show(of));
  });

  it('says that what ran before was left alone when nothing of it was touched', () => {
    const rolling = plan({
      changes: [change('agent/web/0', 'replace', changed, { source: range('web.agent.yaml', 3, 5) })],
      nodes: [
        node('create', 'agent/web/0', { generation: 2 }),
        node('wait', 'agent/web/0', { generation: 2 }),
        node('remove', 'agent/web/0'),
      ],
    });
    const of = report('failed', rolling, {
      'wait agent/web/0': failed({ code: 'not-ready', retry: 'terminal', message: 'health check failed: exit code 1' }),
      'remove agent/web/0': blockedBy('wait agent/web/0'),
    });
    expectGolden('report/ledger/rolling.txt', show(of));
    const touched = report('failed', rolling, {
      'wait agent/web/0': failed({ code: 'not-ready', retry: 'terminal', message: 'health check failed' }),
    });
    expect(show(touched)).not.toContain('what ran before was not touched');
  });

  it('asks for a new plan when the world moved', () => {
    const of = report('failed', firstPlan(), {
      'create agent/web/0': failed({
        code: 'moved',
        retry: 'terminal',
        message: '`agent/web/0` is no longer as planned',
      }),
    });
    expect(lastLines(of, 1)).toBe('The world moved after the plan was made: run `aac apply` again for a new plan.');
  });

  it('says so when there was nothing to do', () => {
    expect(show(report('succeeded', plan()))).toBe('Apply complete: there was nothing to do.\n');
    expect(lastLines(report('interrupted', plan()), 2)).toContain('Interrupted: nothing was begun in 4.2 s.');
  });

  it('names the command that was carried out', () => {
    const of = plan({
      changes: [change('agent/a/0', 'delete', { type: 'requested' })],
      nodes: [node('remove', 'agent/a/0')],
    });
    const text = formatLedger(report('succeeded', of), { style: plainStyle, operation: 'destroy' });
    expect(text.trimEnd().split('\n').at(-1)).toBe('Destroy complete: 1 deleted in 4.2 s.');
  });

  it('does not count what was only waited for', () => {
    const of = plan({ changes: [change('agent/a/0', 'no-op', declared)], nodes: [node('wait', 'agent/a/0')] });
    expect(show(report('succeeded', of))).toBe('Apply complete: there was nothing to do.\n');
  });

  it('keeps two changes of one address apart by driver and cause', () => {
    const superseded = { type: 'superseded' } as const;
    const of = plan({
      changes: [change('agent/a/0', 'update', changed), change('agent/a/0', 'delete', superseded)],
      nodes: [node('update', 'agent/a/0', { cause: changed }), node('remove', 'agent/a/0', { cause: superseded })],
    });
    expect(lastLines(report('succeeded', of), 1)).toBe('Apply complete: 1 updated, 1 deleted in 4.2 s.');
  });

  it('does not let an error break the terminal', () => {
    for (const text of Object.values(hostile)) {
      const error: DriverError = { code: 'internal', retry: 'terminal', message: text, hint: text, details: [text] };
      const of = report('failed', plan({ nodes: [node('create', `agent/${text}/0`)] }), {
        [`create agent/${text}/0`]: failed({ ...error, field: fieldPath(text) }),
      });
      expect(show(of)).not.toMatch(controls);
    }
  });
});

describe('the ledger for programs', () => {
  it('has an entry for each resource', () => {
    expectGolden('report/ledger/failed.json', pretty(ledgerJson(broken)));
  });
});
