import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { labels } from '../../src/model/labels.ts';
import type { Json } from '../../src/util/json.ts';
import { isJsonObject } from '../../src/util/json.ts';
import { describeDocker, dockerClient } from '../support/docker.ts';
import { createRig, type Rig } from '../support/rig.ts';
import { base, rows, type Row, type Seen, type Written } from './fields-table.ts';

const agents = [...new Set(rows.map(({ agent }) => agent))];

describeDocker('every field of an agent', () => {
  test('is what the engine shows, leaves an empty plan, and changes by itself, at its line, as documented', async () => {
    await using rig = createRig({ docker: true });
    for (const folder of ['one', 'two']) mkdirSync(join(rig.folder, folder));
    writeFileSync(join(rig.folder, 'seccomp.json'), JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW' }));

    write(rig, 'before');
    await rig.apply();
    await expectShown(rig, 0);
    await expectEmptyPlan(rig);

    write(rig, 'after');
    const { changes } = await rig.plan();
    for (const agent of agents) expectChanges(rig, agent, changes);

    await rig.aac('plan', '--out', 'plan.json'); // a saved plan holds every field as well
    const applied = await rig.aac('apply', 'plan.json');
    expect(applied.exitCode, applied.all).toBe(0);
    await expectShown(rig, 1);
    await expectEmptyPlan(rig);
  });
});

type Changes = Awaited<ReturnType<Rig['plan']>>['changes'];

/** The plan says all that the rows say, nothing else, and where each of it is written. */
function expectChanges(rig: Rig, agent: string, changes: Changes): void {
  const expected = Object.fromEntries(rowsOf(agent).flatMap((row) => Object.entries(row.changes)));
  const change = changes.find(({ address }) => address === `agent/${agent}/0`);
  const fields = (change?.fields ?? []).map(({ path, forcesReplacement }) => [path, forcesReplacement]);
  expect(Object.fromEntries(fields), agent).toEqual(
    Object.fromEntries(Object.entries(expected).map(([path, { action }]) => [path, action === 'replace'])),
  );
  const isReplaced = Object.values(expected).some(({ action }) => action === 'replace');
  const action = isReplaced ? 'replace' : fields.length > 0 ? 'update' : 'no-op';
  expect(change?.action, agent).toBe(action);
  const lines = readFileSync(join(rig.folder, fileOf(agent)), 'utf8').split('\n');
  for (const { path, source } of change?.fields ?? []) {
    expect(source?.file, path).toBe(fileOf(agent));
    expect(lines[(source?.start.line ?? 0) - 1], path).toMatch(expected[path]?.line ?? /never/);
  }
}

async function expectShown(rig: Rig, side: 0 | 1): Promise<void> {
  const docker = dockerClient();
  for (const agent of agents) {
    const filters = { label: [`${labels.workspace}=${rig.workspace}`, `${labels.address}=agent/${agent}/0`] };
    const [listed, ...others] = await docker.listContainers({ filters });
    expect(others).toEqual([]);
    const seen = (await docker.getContainer(listed?.Id ?? '').inspect()) as Seen;
    for (const row of rowsOf(agent)) expect(row.seen(seen), row.fields.join(', ')).toEqual(row.shows[side]);
  }
}

async function expectEmptyPlan(rig: Rig): Promise<void> {
  const ended = await rig.aac('plan', '--detailed-exitcode');
  expect(ended.exitCode, ended.all).toBe(0);
}

function write(rig: Rig, side: 'before' | 'after'): void {
  for (const agent of agents) {
    const written = [base, ...rowsOf(agent).map((row) => row[side])].reduce<Written>(
      (all, part) => merge(all as Json, part as Json) as Written,
      { spec: {} },
    );
    const { command = ['sleep', '1000'], ...spec } = written.spec ?? {};
    const metadata = { name: agent, ...written.metadata };
    rig.write({
      [fileOf(agent)]: stringify({ apiVersion: 'agent.dev/v1', kind: 'Agent', metadata, spec: { command, ...spec } }),
    });
  }
}

function fileOf(agent: string): string {
  return `${agent}.agent.yaml`;
}

function rowsOf(agent: string): readonly Row[] {
  return rows.filter((row) => row.agent === agent);
}

/** Maps member by member, lists of maps joined, everything else the later one. */
function merge(left: Json | undefined, right: Json | undefined): Json {
  if (Array.isArray(left) && Array.isArray(right) && right.every((item) => isJsonObject(item as Json))) {
    return [...(left as readonly Json[]), ...(right as readonly Json[])];
  }
  if (!isJsonObject(left) || !isJsonObject(right)) return right ?? left ?? null;
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return Object.fromEntries([...keys].map((key) => [key, merge(left[key], right[key])]));
}
