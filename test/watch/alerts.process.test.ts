import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { createWatchMetrics } from '../../src/watch/monitor/metrics.ts';
import { begun } from '../../src/watch/monitor/watch-status.ts';
import { runCommand } from '../support/run-command.ts';

const root = join(import.meta.dirname, '..', '..');
const found = await runCommand(join(root, 'scripts', 'promtool'), []);
const promtool = found.exitCode === 0 ? found.stdout.trim() : undefined;

test('every metric that an alert rule names is one that a watch serves', async () => {
  const text = await createWatchMetrics('shop').render({ agents: [], usage: [], edges: [], status: begun });
  const served = new Set([...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name));
  const rules = readFileSync(join(root, 'docs', 'alerts.yml'), 'utf8');
  const named = new Set(rules.match(/\baac_\w+/g));
  expect([...named].filter((name) => !served.has(name))).toEqual([]);
});

test.skipIf(promtool === undefined)('promtool accepts the alert rules and they fire when they should', async () => {
  const checked = await runCommand(promtool ?? '', ['check', 'rules', join(root, 'docs', 'alerts.yml')]);
  expect(checked.exitCode, checked.all).toBe(0);
  const fired = await runCommand(promtool ?? '', ['test', 'rules', join(root, 'fixtures', 'watch', 'alerts.test.yml')]);
  expect(fired.exitCode, fired.all).toBe(0);
});

test.skipIf(promtool === undefined)('promtool finds nothing wrong with the metrics of a watch', async () => {
  const text = await createWatchMetrics('shop').render({ agents: [], usage: [], edges: [], status: begun });
  const linted = await execa(promtool ?? '', ['check', 'metrics'], { input: text, all: true, reject: false });
  expect(linted.all).toBe('');
});
