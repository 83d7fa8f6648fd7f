import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Rig } from '../support/rig.ts';
import { runningOnce, type World } from './world.ts';

/** A value that stands nowhere else on this machine. */
export function sentinel(): string {
  return `sentinel-${randomBytes(12).toString('hex')}`;
}

/** Fails when the value, or what it becomes in base64, hex or a URL, is anywhere in the text. */
export function expectWithout(value: string, text: string | Buffer, where: string): void {
  const haystack = Buffer.isBuffer(text) ? text : Buffer.from(text);
  const bytes = Buffer.from(value);
  const forms = [value, bytes.toString('hex'), encodeURIComponent(value), ...insideBase64(bytes)];
  for (const form of forms) expect(haystack.includes(form), `${where} holds ${form}, which is ${value}`).toBe(false);
}

/** Fails when the value is in any byte or name of any file below a folder. */
export function expectNowhereBelow(value: string, folder: string): void {
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  expect(entries.length).toBeGreaterThan(0);
  for (const entry of entries) {
    const path = join(folder, entry);
    expectWithout(value, entry, 'the name of a file');
    if (statSync(path).isFile()) expectWithout(value, readFileSync(path), path);
  }
}

/** What is sure to stand in the base64 of any text that holds the bytes, wherever in a group of three they begin. */
function insideBase64(bytes: Buffer): readonly string[] {
  return [0, 1, 2].map((lead) => {
    const text = Buffer.concat([Buffer.alloc(lead), bytes]).toString('base64');
    return text.slice(lead === 0 ? 0 : 4, -4);
  });
}

/** The manifest's three ways to a value that is not written in it. */
const reading = [
  { name: 'INTERPOLATED', value: 'begin ${E2E_SECRET} end' },
  { name: 'FROM_ENV', from: 'env', envKey: 'E2E_SECRET' },
  { name: 'FROM_FILE', value: '${E2E_FROM_FILE}' },
];

/** Whatever can be run about a workspace; what all of it printed. */
async function everyOutput(rig: Rig, environment: Readonly<Record<string, string>>): Promise<string> {
  const { aac } = rig.with({ environment });
  const outputs: string[] = [];
  for (const command of [
    ['validate'],
    ['validate', '--format', 'json'],
    ['plan'],
    ['plan', '--format', 'json'],
    ['plan', '--out', 'saved.json'],
    ['apply', '--auto-approve'],
    ['apply', '--auto-approve', '--replace', 'web', '--format', 'json'],
    ['apply', '--auto-approve', '--replace', 'web', '--format', 'jsonl'],
    ['plan', '--destroy'],
    ['drift', '--format', 'json'],
    ['ps', '--format', 'json'],
    ['ps', '--all'],
    ['logs', 'web'],
  ]) {
    const { exitCode, all } = await aac('--log-level', 'debug', ...command);
    expect(exitCode, all).toBe(0);
    outputs.push(all);
  }
  return outputs.join('\n');
}

/** Nobody but the agent learns a value that a manifest reads from elsewhere. */
export function secretsTests(world: World): void {
  test('the agent gets the value; no output, saved plan, journal or other byte of state does', async () => {
    const [secret, fromFile] = [sentinel(), sentinel()];
    await using rig = world.rig({ project: { env: ['.env'] } });
    rig.write({
      '.env': `E2E_FROM_FILE=${fromFile}\n`,
      'web.agent.yaml': world.agent('web', { environment: reading }),
    });
    const printed = await everyOutput(rig, { E2E_SECRET: secret });

    const { environment } = (await runningOnce(world, rig)).get('web/0') ?? {};
    expect(environment).toEqual(
      expect.arrayContaining([`INTERPOLATED=begin ${secret} end`, `FROM_ENV=${secret}`, `FROM_FILE=${fromFile}`]),
    );
    for (const value of [secret, fromFile]) {
      expectWithout(value, printed, 'what was printed');
      expectWithout(value, readFileSync(join(rig.folder, 'saved.json')), 'the saved plan');
      expectNowhereBelow(value, rig.state);
    }
    expect(printed).toContain('INTERPOLATED');
  });

  test('another value rolls the agent, and the plan names the variable and neither value', async () => {
    const [before, after] = [sentinel(), sentinel()];
    await using rig = world.rig();
    rig.write({
      'web.agent.yaml': world.agent('web', { environment: [{ name: 'TOKEN', value: '${E2E_SECRET}' }] }),
      'other.agent.yaml': world.agent('other'),
    });
    await rig.with({ environment: { E2E_SECRET: before } }).apply();
    const first = await runningOnce(world, rig);

    const changed = rig.with({ environment: { E2E_SECRET: after } });
    const plan = await changed.aac('plan', '--detailed-exitcode');
    expect(plan.exitCode).toBe(2);
    expect(plan.stdout).toMatch(/agent\/web\/0 .*replaced.*value it reads changed/);
    expect(plan.stdout).toContain('environment.TOKEN');
    const json = await changed.aac('plan', '--format', 'json');
    const apply = await changed.aac('apply', '--auto-approve');
    expect(apply.exitCode, apply.all).toBe(0);
    for (const value of [before, after]) {
      expectWithout(value, [plan.all, json.all, apply.all].join('\n'), 'what was printed');
      expectNowhereBelow(value, rig.state);
    }

    const second = await runningOnce(world, rig);
    expect(second.get('web/0')?.environment).toContain(`TOKEN=${after}`);
    expect(second.get('other/0')).toEqual(first.get('other/0'));
    expect(await changed.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
  });

  test('the same value from elsewhere is no change', async () => {
    const secret = sentinel();
    await using rig = world.rig({ project: { env: ['.env'] } });
    rig.write({
      '.env': '',
      'web.agent.yaml': world.agent('web', { environment: [{ name: 'TOKEN', value: '${E2E_SECRET}' }] }),
    });
    await rig.with({ environment: { E2E_SECRET: secret } }).apply();
    rig.write({ '.env': `E2E_SECRET=${secret}\n` });
    expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
  });

  test('a variable without a value is an error at its line, and one with a message says it', async () => {
    await using rig = world.rig();
    rig.write({
      'web.agent.yaml': world.agent('web', {
        environment: [
          { name: 'A', value: '${E2E_UNSET}' },
          { name: 'B', value: '${E2E_UNSET:?ask the team for it}' },
          { name: 'C', value: '${E2E_UNSET:-default}' },
        ],
      }),
    });
    const { exitCode, stderr } = await rig.aac('plan');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('E2E_UNSET');
    expect(stderr).toContain('ask the team for it');
    expect(stderr.match(/^error\[/gm)).toHaveLength(2);
  });

  test('a value that is declared not to be sensitive is shown as it is', async () => {
    await using rig = world.rig();
    rig.write({
      'web.agent.yaml': world.agent('web', {
        environment: [{ name: 'LEVEL', value: '${E2E_LEVEL}', sensitive: false }],
      }),
    });
    await rig.with({ environment: { E2E_LEVEL: 'level-of-before' } }).apply();
    const plan = await rig.with({ environment: { E2E_LEVEL: 'level-of-after' } }).aac('plan');
    expect(plan.stdout).toMatch(/environment\.LEVEL +"level-of-before" → "level-of-after"/);
  });
}
