import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { describeDocker, dockerClient, sharesNetwork } from '../support/docker.ts';
import { createRig, type Rig } from '../support/rig.ts';

function write(rig: Rig, name: string, spec: object): void {
  const common = { image: 'aac-test/busybox:1', stop: { gracePeriod: '1s' } };
  const document = { apiVersion: 'agent.dev/v1', kind: 'Agent', metadata: { name }, spec: { ...common, ...spec } };
  rig.write({ [`${name}.agent.yaml`]: stringify(document) });
}

const talks = 'i=1; while [ $i -le 30 ]; do echo "line $i."; i=$((i+1)); done';
const check = { interval: '200ms', startInterval: '100ms', startPeriod: '0s', retries: 2, timeout: '2s' };

describeDocker('an agent that does not get ready', () => {
  test.each([
    ['file', { type: 'file', path: '/ready' }, '`/ready` does not exist'],
    ['command', { type: 'command', command: ['sh', '-c', 'echo not yet; exit 3'] }, 'exit code 3: not yet'],
    ['tcp', { type: 'tcp', port: 8080 }, 'nothing listens on'],
    ['http', { type: 'http', port: 8080, path: '/well' }, 'nothing listens on'],
  ])('fails the apply with the %s check that failed and the last 20 lines it wrote', async (type, asked, words) => {
    if ((type === 'tcp' || type === 'http') && !(await sharesNetwork(dockerClient()))) return;
    await using rig = createRig({ docker: true });
    write(rig, 'web', { command: ['sh', '-c', `${talks}; sleep 1000`], healthCheck: { ...asked, ...check } });
    const { exitCode, all } = await rig.aac('apply', '--auto-approve');
    expect(exitCode).toBe(1);
    expect(all).toContain(`is unhealthy: `);
    expect(all).toContain(words);
    expect(all).toContain('line 11.');
    expect(all).toContain('line 30.');
    expect(all).not.toContain('line 10.');
  });

  test('because it runs once and ends badly fails the apply; one that ends well has converged', async () => {
    await using rig = createRig({ docker: true });
    write(rig, 'index', { restartPolicy: 'never', command: ['sh', '-c', 'echo indexed; exit 4'] });
    const { exitCode, all } = await rig.aac('apply', '--auto-approve');
    expect(exitCode).toBe(1);
    expect(all).toContain('exited with code 4');
    expect(all).toContain('indexed');

    write(rig, 'index', { restartPolicy: 'never', command: ['sh', '-c', 'exit 0'] });
    await rig.apply();
    expect((await rig.aac('plan', '--detailed-exitcode')).exitCode).toBe(0);
  });
});
