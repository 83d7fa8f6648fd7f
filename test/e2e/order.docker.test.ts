import { expect, test } from 'vitest';
import { describeDocker } from '../support/docker.ts';
import { agentContainer, docker, runIn } from './engine-view.ts';
import { shell } from './manifests.ts';
import { dockerWorld, runningOnce } from './world.ts';

/** The agents whose containers have ended since then, in the order in which they did. */
async function endedSince(workspace: string, since: number): Promise<readonly string[]> {
  const stream = await docker().getEvents({
    since: Math.floor(since / 1000),
    until: Math.ceil(Date.now() / 1000),
    filters: { type: ['container'], event: ['die'], label: [`dev.aac.workspace=${workspace}`] },
  });
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks)
    .toString('utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { readonly Actor: { readonly Attributes: Readonly<Record<string, string>> } })
    .map(({ Actor }) => Actor.Attributes['dev.aac.address'] ?? '');
}

const answering = {
  ...shell('echo hello >/tmp/index.html; exec httpd -f -p 8080 -h /tmp'),
  stop: { gracePeriod: '1s' },
};

describeDocker('agents that depend on each other', () => {
  test('start only once what they need is healthy, and end before it does', async () => {
    await using rig = dockerWorld.rig();
    const until = (agent: string) => ({ dependsOn: [{ agent, condition: 'healthy' }] });
    rig.write({
      // healthy two seconds after its start, and not before
      'a-web.agent.yaml': dockerWorld.agent('a-web', until('b-api')),
      'b-api.agent.yaml': dockerWorld.agent('b-api', until('c-db')),
      'c-db.agent.yaml': dockerWorld.agent('c-db', {
        ...shell('sleep 2; touch /tmp/ready; exec sleep 86400'),
        healthCheck: { command: ['test', '-e', '/tmp/ready'], interval: '500ms', startInterval: '500ms' },
      }),
    });
    await rig.apply();
    const running = await runningOnce(dockerWorld, rig);
    const startOf = (replica: string): number => running.get(replica)?.started ?? NaN;
    expect(startOf('b-api/0') - startOf('c-db/0')).toBeGreaterThanOrEqual(2000);
    expect(startOf('a-web/0')).toBeGreaterThan(startOf('b-api/0'));

    const since = Date.now();
    expect(await rig.aac('destroy', '--auto-approve')).toMatchObject({ exitCode: 0 });
    expect(await endedSince(rig.workspace, since)).toEqual(['agent/a-web/0', 'agent/b-api/0', 'agent/c-db/0']);
  });

  test('that wait for one that runs once start after it has come to its end', async () => {
    await using rig = dockerWorld.rig();
    rig.write({
      'app.agent.yaml': dockerWorld.agent('app', { dependsOn: [{ agent: 'migrate', condition: 'completed' }] }),
      'migrate.agent.yaml': dockerWorld.agent('migrate', { ...shell('sleep 1; exit 0'), restartPolicy: 'never' }),
    });
    await rig.apply();
    const migrate = await agentContainer(rig.workspace, 'migrate/0');
    const app = await agentContainer(rig.workspace, 'app/0');
    expect(migrate.State).toMatchObject({ Status: 'exited', ExitCode: 0 });
    expect(Date.parse(app.State.StartedAt)).toBeGreaterThan(Date.parse(migrate.State.FinishedAt));
    expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
  });

  test('in a circle are refused with every edge at its line', async () => {
    await using rig = dockerWorld.rig();
    const files = { a: 'b', b: 'c', c: 'a' };
    rig.write(
      Object.fromEntries(
        Object.entries(files).map(([name, next]) => [
          `${name}.agent.yaml`,
          dockerWorld.agent(name, { dependsOn: [next] }),
        ]),
      ),
    );
    const { exitCode, stderr } = await rig.aac('plan');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('error[dependency-cycle]');
    for (const name of Object.keys(files)) expect(stderr).toMatch(new RegExp(`${name}\\.agent\\.yaml:\\d+:\\d+`));
  });

  test('reach each other by name, also after the one that is called was replaced', async () => {
    await using rig = dockerWorld.rig();
    const ask = ['sh', '-c', 'timeout 3 wget -qO- http://server:8080/'];
    rig.write({
      'server.agent.yaml': dockerWorld.agent('server', answering),
      'client.agent.yaml': dockerWorld.agent('client', {
        dependsOn: ['server'],
        healthCheck: { command: ask, interval: '1s', startInterval: '500ms', timeout: '5s', retries: 10 },
      }),
    });
    await rig.apply(); // ready is: it has reached the server
    const client = docker().getContainer((await agentContainer(rig.workspace, 'client/0')).Id);
    expect(await runIn(client, ask)).toMatchObject({ exitCode: 0, output: expect.stringContaining('hello') as string });

    rig.edit('server.agent.yaml', 'echo hello', 'echo goodbye');
    await rig.apply();
    expect(await runIn(client, ask)).toMatchObject({ output: expect.stringContaining('goodbye') as string });
  });

  test('of another project are not there', async () => {
    await using server = dockerWorld.rig();
    await using client = dockerWorld.rig();
    server.write({ 'server.agent.yaml': dockerWorld.agent('server', answering) });
    client.write({ 'client.agent.yaml': dockerWorld.agent('client') });
    await server.apply();
    await client.apply();
    const { Id } = await agentContainer(client.workspace, 'client/0');
    const asked = await runIn(docker().getContainer(Id), ['timeout', '3', 'wget', '-qO-', 'http://server:8080/']);
    expect(asked.exitCode).not.toBe(0);
    expect(asked.output).not.toContain('hello');
  });

  test('on two networks of a project reach only their own', async () => {
    await using rig = dockerWorld.rig({ project: { networks: { front: {}, back: { internal: true } } } });
    rig.write({
      'server.agent.yaml': dockerWorld.agent('server', { ...answering, network: { mode: 'back' } }),
      'near.agent.yaml': dockerWorld.agent('near', { network: { mode: 'back' } }),
      'far.agent.yaml': dockerWorld.agent('far', { network: { mode: 'front' } }),
    });
    await rig.apply();
    const ask = async (replica: string) => {
      const { Id } = await agentContainer(rig.workspace, replica);
      return runIn(docker().getContainer(Id), ['timeout', '3', 'wget', '-qO-', 'http://server:8080/']);
    };
    expect(await ask('near/0')).toMatchObject({ exitCode: 0, output: expect.stringContaining('hello') as string });
    expect((await ask('far/0')).exitCode).not.toBe(0);
  });
});
