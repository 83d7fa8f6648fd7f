import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../src/model/plan.ts';
import type { Rig } from '../support/rig.ts';
import { expectWithout, sentinel } from './secrets.ts';
import { namesOf, processWorld } from './world.ts';

const outputs = {
  '--out-text': 'out/plan.txt',
  '--out-json': 'out/plan.json',
  '--out-jsonl': 'out/plan.jsonl',
  '--out-markdown': 'out/plan.md',
  '--out-sarif': 'out/plan.sarif',
  '--out-junit': 'out/plan.xml',
} as const;

const everything = [...Object.entries(outputs).flat(), '--out-github'];

/** A rig as it is in a step of GitHub Actions, its manifests in a directory of the checkout. */
function step(rig: Rig) {
  rig.write({ 'out/summary.md': '', 'out/output': '' });
  const read = (file: string): string => readFileSync(join(rig.folder, file), 'utf8');
  const environment = {
    GITHUB_WORKSPACE: rig.folder,
    GITHUB_STEP_SUMMARY: join(rig.folder, 'out/summary.md'),
    GITHUB_OUTPUT: join(rig.folder, 'out/output'),
  };
  return { read, environment };
}

describe('one run', () => {
  test('tells a plan on the terminal, in six files, and in a step of GitHub Actions', async () => {
    await using rig = processWorld.rig();
    const { read, environment } = step(rig);
    rig.write({ 'web.agent.yaml': processWorld.agent('web') });
    const { exitCode, stdout, stderr } = await rig.with({ environment }).aac('plan', ...everything);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Plan: 1 to create.');
    const { digest } = JSON.parse(read('out/plan.json')) as Plan;
    expect(stdout).toContain(digest);
    expect(read('out/plan.txt')).toContain(`digest: ${digest}`);
    expect(read('out/plan.md')).toContain(`aac apply --expect ${digest}`);
    expect(read('out/summary.md')).toBe(read('out/plan.md'));
    expect(read('out/output')).toBe(`changes=1\ndestroys=0\ndrift=0\ndigest=${digest}\n`);
    expect(stderr).toMatch(/^::notice file=web\.agent\.yaml,line=\d+,.*agent\/web\/0 will be created/m);
    expect(read('out/plan.sarif')).toContain('"uri": "web.agent.yaml"');
    expect(read('out/plan.xml')).toContain('name="agent/web/0"');
    expect(read('out/plan.jsonl').trimEnd().split('\n')).toHaveLength(
      3 + (JSON.parse(read('out/plan.json')) as Plan).diagnostics.length,
    );
  });

  test('tells an apply, and what kept one from being carried out', async () => {
    await using rig = processWorld.rig();
    const { read, environment } = step(rig);
    rig.write({ 'web.agent.yaml': processWorld.agent('web') });
    const within = rig.with({ environment });
    await within.apply(...everything);
    expect(read('out/plan.md')).toContain('**Apply complete: 1 created');
    expect(read('out/plan.xml')).toContain('failures="0"');
    expect(JSON.parse(read('out/plan.json'))).toMatchObject({ type: 'ledger', status: 'succeeded' });
    expect(read('out/output')).toContain('changes=1\n');

    const refused = await within.aac('apply', '--expect', 'a'.repeat(64), ...everything);
    expect(refused.exitCode).toBe(1);
    expect(read('out/plan.md')).toContain('it is not the one that was approved');
    expect(read('out/plan.sarif')).toContain('"ruleId": "digest-mismatch"');
    expect(refused.stderr).toContain('::error title=aac%3A digest-mismatch::');
  });

  test('names files from the root of the checkout in what is read elsewhere, and from here on the terminal', async () => {
    await using rig = processWorld.rig();
    rig.write({ 'agents/web.agent.yaml': processWorld.agent('web') });
    const within = rig.with({ folder: 'agents', environment: { GITHUB_WORKSPACE: rig.folder } });
    const files = ['--out-markdown', '../p.md', '--out-junit', '../p.xml', '--out-sarif', '../p.sarif'];
    const { stdout } = await within.aac('plan', ...files);
    expect(stdout).toMatch(/# web\.agent\.yaml:\d+:\d+/);
    for (const file of files.filter((each) => each.startsWith('..'))) {
      const text = readFileSync(join(rig.folder, 'agents', file), 'utf8');
      expect(text).toContain('agents/web.agent.yaml');
      expect(text).not.toMatch(/(?<!agents\/)web\.agent\.yaml/);
    }
  });

  test('shows a secret in none of them', async () => {
    const secret = sentinel();
    await using rig = processWorld.rig();
    const { environment } = step(rig);
    rig.write({
      'web.agent.yaml': processWorld.agent('web', { environment: [{ name: 'TOKEN', value: '${E2E_SECRET}' }] }),
      'bad/agent.yaml': processWorld.agent('bad', { image: '${E2E_SECRET}', ports: ['${E2E_SECRET}'] }),
    });
    const within = rig.with({ environment: { ...environment, E2E_SECRET: secret } });
    for (const command of ['plan', 'drift', 'validate']) {
      const { all } = await within.aac(command, ...everything);
      expectWithout(secret, Buffer.from(all), command);
      for (const file of readdirSync(join(rig.folder, 'out'))) {
        expectWithout(secret, readFileSync(join(rig.folder, 'out', file)), `${file} of ${command}`);
      }
    }
  });
});

describe('a file that cannot be written', () => {
  test('is refused before anything happens', async () => {
    await using rig = processWorld.rig();
    rig.write({ 'web.agent.yaml': processWorld.agent('web') });
    const { exitCode, stderr } = await rig.aac(
      ...[
        'apply',
        '--auto-approve',
        '--out-json',
        'no/such/plan.json',
        '--out-junit',
        '.',
        '--out-markdown',
        'plan.md',
      ],
    );
    expect(exitCode).toBe(1);
    expect(stderr).toContain('`no/such/plan.json` cannot be written: its directory does not exist');
    expect(stderr).toContain('`.` cannot be written: it is a directory');
    expect(await namesOf(processWorld, rig)).toEqual([]);
    expect(existsSync(join(rig.folder, 'plan.md'))).toBe(false);
  });

  test('may not be that of another result', async () => {
    await using rig = processWorld.rig();
    const { exitCode, stderr } = await rig.aac('plan', '--out', 'plan.json', '--out-json', './plan.json');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('two results are to go there');
  });
});

test.each(['github', 'sarif', 'junit', 'markdown', 'jsonl'])(
  'validate tells where a manifest is wrong, as %s',
  async (format) => {
    await using rig = processWorld.rig();
    rig.write({ 'web.agent.yaml': processWorld.agent('web', { imgae: 'web:1' }) });
    const { exitCode, stdout } = await rig.aac('validate', '--format', format);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('web.agent.yaml');
    expect(stdout).toContain('unknown-field'.slice(0, format === 'markdown' ? 7 : undefined));
  },
);
