import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { eventually } from '../contract/stage.ts';
import { describeDocker, dockerHost } from '../support/docker.ts';
import { createEngineProxy, type EngineProxy, type EngineRequest } from '../support/engine-proxy.ts';
import { freePort } from '../support/free-port.ts';
import { createRig, type Begun, type Rig } from '../support/rig.ts';
import { edgeOf, shared, startLoad } from './edge-load.ts';
import { docker } from './engine-view.ts';
import { containersOf } from './rolling.ts';

/** A connection that a replica writes to all the time. */
interface Held {
  /** The beginning of the replica's container id. */
  readonly replica: string;
  /** Resolves when more has come; rejects when the connection has ended. */
  readonly more: () => Promise<void>;
  readonly end: () => void;
}

async function hold(port: number): Promise<Held> {
  const request = get({ host: '127.0.0.1', port, path: '/hold', agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const [first] = (await once(response, 'data')) as [Buffer];
  let [count, ended] = [0, false];
  request.on('error', () => (ended = true));
  response.on('data', (data: Buffer) => (count += data.length));
  response.on('error', () => (ended = true));
  response.on('close', () => (ended = true));
  return {
    replica: first.toString().slice(0, 12),
    end: () => request.destroy(),
    more: async () => {
      const before = count;
      await eventually(
        async () => ended,
        (now) => now || count > before + 2,
      );
      if (ended) throw new Error('the connection was cut');
    },
  };
}

/** Connections to all replicas, one or more to each. */
async function holdAll(port: number, replicas: readonly string[]): Promise<readonly Held[]> {
  const held: Held[] = [];
  await eventually(
    async () => {
      held.push(await hold(port));
      return held.map(({ replica }) => replica);
    },
    (found) => replicas.every((replica) => found.includes(replica)),
  );
  return held;
}

/** When something happens in the middle of a rollout: at the `nth` request of that kind, once the engine has done it. */
interface Moment {
  readonly path: RegExp;
  readonly nth: number;
}

const moments: readonly Moment[] = [
  { path: /\/start$/, nth: 1 },
  { path: /\/connect$/, nth: 1 }, // it is led to
  { path: /\/connect$/, nth: 2 }, // the old one is not any more
  { path: /\/stop\?/, nth: 1 },
];

/** Applies, and lets something happen in the middle. */
async function applyWith(rig: Rig, proxy: EngineProxy, { path, nth }: Moment, act: (apply: Begun) => Promise<void>) {
  let seen = 0;
  const happened: Promise<void>[] = [];
  const running: { apply?: Begun } = {};
  const isMoment = (request: EngineRequest): boolean =>
    request.method === 'POST' && path.test(request.path) && ++seen === nth;
  proxy.treat((request) =>
    isMoment(request)
      ? {
          then: () => {
            if (running.apply) happened.push(act(running.apply));
          },
        }
      : 'pass',
  );
  running.apply = rig.with({ environment: { DOCKER_HOST: proxy.host } }).begin('apply', '--auto-approve');
  const ended = await running.apply.ended;
  await Promise.all(happened);
  await proxy.settled();
  expect(happened, `${String(path)}\n${ended.all}`).toHaveLength(1);
  return ended;
}

/** The replicas by their container, and when each was started. */
async function replicasOf(rig: Rig): Promise<ReadonlyMap<string, string>> {
  const found = await containersOf(rig, 'web');
  const details = await Promise.all(found.map(({ Id }) => docker().getContainer(Id).inspect()));
  return new Map(details.map(({ Id, State }) => [Id.slice(0, 12), State.StartedAt]));
}

async function expectConverged(rig: Rig): Promise<void> {
  const plan = await rig.aac('plan', '--detailed-exitcode');
  expect(plan.exitCode, plan.all).toBe(0);
  expect((await containersOf(rig, 'web')).map(({ State }) => State)).toEqual(['running', 'running', 'running']);
}

describeDocker('a rollout behind the edge', () => {
  test('that is killed, or whose engine goes away, fails no request, cuts nobody who stays, and is put right', async () => {
    await using rig = createRig({ docker: true, project: { edge: { image: 'aac-test/node:20' } } });
    await using proxy = await createEngineProxy(dockerHost());
    const port = await freePort();
    rig.write({ 'web.agent.yaml': shared('v0', port) });
    await rig.apply();
    await using load = startLoad(port);
    await load.answered('v0', 50);
    const [{ Id: edge = '' } = {}] = await edgeOf(rig);
    for (const moment of [...moments, 'away' as const]) {
      const before = await replicasOf(rig);
      const held = await holdAll(port, [...before.keys()]);
      rig.write({ 'web.agent.yaml': shared('v1', port) });
      if (moment === 'away') {
        const ended = await applyWith(rig, proxy, { path: /\/connect$/, nth: 1 }, () => proxy.stop());
        expect(ended.exitCode, ended.all).not.toBe(0);
        await proxy.start();
      } else await applyWith(rig, proxy, moment, async (apply) => apply.signal('SIGKILL'));
      rig.write({ 'web.agent.yaml': shared('v0', port) });
      await rig.apply();
      await load.answered('v0', 20);
      await expectConverged(rig);
      const untouched = [...(await replicasOf(rig))].flatMap(([id, start]) => (before.get(id) === start ? [id] : []));
      expect(untouched.length).toBeGreaterThanOrEqual(2);
      await Promise.all(held.filter(({ replica }) => untouched.includes(replica)).map(({ more }) => more()));
      for (const { end } of held) end();
    }
    expect(load.failed).toEqual({});
    expect((await edgeOf(rig)).map(({ Id }) => Id)).toEqual([edge]);
  });

  test('during which the edge, or all there is, is killed is put right by the next apply', async () => {
    await using rig = createRig({ docker: true, project: { edge: { image: 'aac-test/node:20' } } });
    await using proxy = await createEngineProxy(dockerHost());
    const port = await freePort();
    rig.write({ 'web.agent.yaml': shared('v0', port) });
    await rig.apply();
    const edge = async () => docker().getContainer((await edgeOf(rig))[0]?.Id ?? '');
    /** Its program dies, and the engine starts it again. */
    const die = async (): Promise<void> => {
      const script = `for (const pid of require('fs').readdirSync('/proc')) if (Number(pid) > 1 && Number(pid) !== process.pid) try { process.kill(Number(pid), 'SIGKILL') } catch {}`;
      const exec = await (await edge()).exec({ Cmd: ['node', '-e', script] });
      await exec.start({});
    };
    const disasters: readonly (readonly [string, () => Promise<void>])[] = [
      ['the edge dies', die],
      ['the edge is killed for good', async () => void (await (await edge()).kill())],
      ['the edge is removed', async () => void (await (await edge()).remove({ force: true }))],
      [
        'all is started again, as by an engine',
        async () => {
          const all = [...(await containersOf(rig, 'web')), ...(await edgeOf(rig))];
          await Promise.all(
            all
              .filter(({ State }) => State === 'running')
              .map(({ Id }) =>
                docker()
                  .getContainer(Id)
                  .restart({ t: 0 })
                  .catch(() => undefined),
              ),
          );
        },
      ],
    ];
    for (const [index, [what, disaster]] of disasters.entries()) {
      const version = `v${String(index + 1)}`;
      rig.write({ 'web.agent.yaml': shared(version, port, { deployment: { maxSurge: 3 } }) });
      await applyWith(rig, proxy, { path: /\/connect$/, nth: 1 }, disaster);
      const again = await rig.aac('apply', '--auto-approve');
      expect(again.exitCode, `${what}\n${again.all}`).toBe(0);
      await expectConverged(rig);
      await using load = startLoad(port);
      await load.answered(version, 50);
      expect(load.failed, what).toEqual({});
    }
  });
});
