import { describe, expect, test } from 'vitest';
import { join } from 'node:path';
import { createEngineProxy } from '../support/engine-proxy.ts';
import { createRig } from '../support/rig.ts';
import { container, localProcess, placeOf } from './manifests.ts';

describe('a broken manifest beside good ones', () => {
  test('refuses every command with all errors of all files, and touches nothing', async () => {
    await using rig = createRig();
    await using proxy = await createEngineProxy(join(rig.folder, 'nobody-listens.sock'));
    const { aac } = rig.with({ environment: { DOCKER_HOST: proxy.host } });
    const typo = container('typo', { imagePullPolcy: 'Never', resources: { limits: { memory: '512m' } } });
    const wrong = container('wrong', {
      ports: [{ container: 99999 }],
      dependsOn: ['nobody'],
      environment: [
        { name: 'A', value: '1' },
        { name: 'A', value: '2' },
      ],
    });
    rig.write({
      'good.agent.yaml': container('good'),
      'local.agent.yaml': localProcess('local'),
      'a/typo.agent.yaml': typo,
      'b/wrong.agent.yaml': wrong,
      'c/torn.agent.yaml': 'apiVersion: agent.dev/v1\nkind: Agent\nmetadata: { name: torn\n',
    });

    for (const command of [['validate'], ['plan'], ['apply', '--auto-approve']]) {
      const { exitCode, stdout, stderr } = await aac(...command);
      expect(exitCode).toBe(1);
      expect(stdout).toBe('');
      for (const text of [
        placeOf('a/typo.agent.yaml', typo, 'imagePullPolcy'),
        'imagePullPolicy', // did you mean
        placeOf('a/typo.agent.yaml', typo, '512m'),
        '512Mi',
        placeOf('b/wrong.agent.yaml', wrong, '99999'),
        'nobody',
        'c/torn.agent.yaml:',
        '^^^', // the line with a squiggle
        'hint: ',
      ]) {
        expect(stderr).toContain(text);
      }
      expect(stderr).toMatch(
        /b\/wrong\.agent\.yaml:\d+:\d+[^]*`A` is set twice|`A` is set twice[^]*b\/wrong\.agent\.yaml/,
      );
      expect(stderr).toMatch(/\d+ errors.* in 3 files/);
    }
    expect(proxy.requests).toEqual([]);
    expect(rig.processes()).toEqual([]);
  });

  test('is told to programs as one document with codes and places', async () => {
    await using rig = createRig();
    const typo = container('typo', { imagePullPolcy: 'Never' });
    rig.write({ 'good.agent.yaml': container('good'), 'typo.agent.yaml': typo });
    const { exitCode, stdout } = await rig.aac('plan', '--format', 'json');
    expect(exitCode).toBe(1);
    expect(stdout).toContain('unknown-field');
    const document = JSON.parse(stdout) as object;
    expect(JSON.stringify(document)).toContain('"file":"typo.agent.yaml"');
  });

  test('does not make the agents it stood for disappear: unparsed is not undeclared', async () => {
    await using rig = createRig();
    rig.write({ 'web.agent.yaml': localProcess('web'), 'other.agent.yaml': localProcess('other') });
    await rig.apply();
    const before = rig.processes();
    expect(before.length).toBeGreaterThan(0);
    rig.write({ 'web.agent.yaml': 'kind: [' });
    expect(await rig.aac('apply', '--auto-approve')).toMatchObject({ exitCode: 1 });
    expect(rig.processes()).toEqual(before);
  });
});

describe('a field that the driver cannot honour', () => {
  test('is an error at its line, and a warning where bestEffort lists it', async () => {
    await using rig = createRig();
    const manifest = container('web', { resources: { requests: { 'ephemeral-storage': '1Gi' } } });
    rig.write({ 'web.agent.yaml': manifest });
    const refused = await rig.aac('validate');
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain('not supported by the docker driver');
    expect(refused.stderr).toContain(placeOf('web.agent.yaml', manifest, 'ephemeral-storage').split(':', 2).join(':'));

    rig.write({
      'web.agent.yaml': container('web', {
        resources: { requests: { 'ephemeral-storage': '1Gi' } },
        lifecycle: { bestEffort: ['resources.requests.ephemeral-storage'] },
      }),
    });
    const allowed = await rig.aac('validate');
    expect(allowed.exitCode).toBe(0);
    expect(allowed.stderr).toContain('warning[unsupported-field]');
  });
});

describe('an unreachable engine', () => {
  test('is one error that names the socket that was tried and why that one', async () => {
    await using rig = createRig();
    rig.write({ 'web.agent.yaml': container('web'), 'other.agent.yaml': container('other') });
    const socket = join(rig.folder, 'absent.sock');
    const { aac } = rig.with({ environment: { DOCKER_HOST: `unix://${socket}` } });
    for (const command of [['plan'], ['apply', '--auto-approve'], ['drift'], ['destroy', '--auto-approve']]) {
      const { exitCode, stdout, stderr } = await aac(...command);
      expect(exitCode).toBe(1);
      expect(stdout).toBe('');
      expect(stderr).toContain(`unix://${socket}`);
      expect(stderr).toContain('DOCKER_HOST');
      expect(stderr.match(/error\[/g)).toHaveLength(1);
      expect(stderr).toContain('1 error');
    }
  });

  test('that the project names is said to come from the project', async () => {
    await using rig = createRig({ project: { docker: { host: 'unix:///nowhere/project.sock' } } });
    rig.write({ 'web.agent.yaml': container('web') });
    const { exitCode, stderr } = await rig.aac('plan');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('unix:///nowhere/project.sock');
    expect(stderr).toContain('docker.host');
  });

  test('that a docker context names is said to come from that context', async () => {
    await using rig = createRig();
    rig.write({ 'web.agent.yaml': container('web') });
    const { aac } = rig.with({ environment: { DOCKER_HOST: undefined, DOCKER_CONTEXT: 'no-such-context' } });
    const { exitCode, stderr } = await aac('plan');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('no-such-context');
    expect(stderr).toContain('DOCKER_CONTEXT');
  });

  test('does not keep agents that need none from being planned and applied', async () => {
    await using rig = createRig();
    rig.write({ 'local.agent.yaml': localProcess('local') });
    await rig.apply();
    expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
  });
});

test('agents of two drivers that share host ports are refused at their lines, as there is one edge', async () => {
  await using rig = createRig();
  const shared = { replicas: 2, deployment: { strategy: 'rolling' } };
  rig.write({
    'local.agent.yaml': localProcess('local', { ...shared, ports: ['127.0.0.1:18471:80'] }),
    'web.agent.yaml': container('web', { ...shared, ports: ['127.0.0.1:18472:80'] }),
  });
  const { exitCode, stderr } = await rig.aac('validate');
  expect(exitCode, stderr).toBe(1);
  expect(stderr).toContain('a project can have one of one driver yet');
  expect(stderr).toMatch(/(local|web)\.agent\.yaml:\d+:\d+/);
});

describe('an apply that nobody agrees to', () => {
  test('does nothing, shows the plan and says how to go on', async () => {
    await using rig = createRig();
    rig.write({ 'web.agent.yaml': localProcess('web') });
    const { exitCode, stdout, stderr } = await rig.aac('apply');
    expect(exitCode).toBe(1);
    expect(stdout).toContain('agent/web/0');
    expect(stderr).toContain('--auto-approve');
    expect(rig.processes()).toEqual([]);
  });

  test('needs nobody when there is nothing to do', async () => {
    await using rig = createRig();
    rig.write({ 'web.agent.yaml': localProcess('web') });
    await rig.apply();
    expect(await rig.aac('apply')).toMatchObject({ exitCode: 0 });
  });

  test('is no approval of another plan: --expect takes one digest and no other', async () => {
    await using rig = createRig();
    rig.write({ 'web.agent.yaml': localProcess('web') });
    const { digest } = await rig.plan();
    rig.edit('web.agent.yaml', '"86400"', '"86401"');
    const refused = await rig.aac('apply', '--auto-approve', '--expect', digest);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain(digest);
    expect(refused.stderr).toContain((await rig.plan()).digest);
    expect(rig.processes()).toEqual([]);

    rig.edit('web.agent.yaml', '"86401"', '"86400"');
    expect(await rig.aac('apply', '--auto-approve', '--expect', digest)).toMatchObject({ exitCode: 0 });
  });
});
