import { expect, test } from 'vitest';
import { describeDocker, dockerHost } from '../support/docker.ts';
import { createEngineProxy, isReading, type EngineProxy, type EngineRequest } from '../support/engine-proxy.ts';
import { createRig, type Begun, type Rig } from '../support/rig.ts';
import { agentContainer, objectsOf } from './engine-view.ts';
import { container } from './manifests.ts';

/** What is declared, and what the engine has to hold then. */
interface State {
  readonly letter: string;
  readonly files: Readonly<Record<string, string>>;
  readonly agents: readonly string[];
  readonly memory: number;
}

/**
 * Two states between which an apply creates, updates, replaces and deletes whichever way it goes, so that each killed
 * apply goes from where the one before has ended up and nothing has to be put back.
 */
const [stateA, stateB] = [stateOf('a', 64), stateOf('b', 80)] as const;

function stateOf(letter: string, mebibytes: number): State {
  const only = `only-${letter}`;
  return {
    letter,
    files: {
      [`${only}.agent.yaml`]: container(only, {
        network: { mode: `net-${letter}` },
        volumes: [{ type: 'volume', source: 'data', target: '/data' }],
      }),
      'limit.agent.yaml': container('limit', { resources: { limits: { memory: `${String(mebibytes)}Mi` } } }),
      'value.agent.yaml': container('value', {
        environment: [{ name: 'LETTER', value: letter }],
        deployment: { strategy: 'recreate' }, // rollouts that are killed have a test of their own
        dependsOn: ['limit'],
      }),
      'same.agent.yaml': container('same'),
    },
    agents: [only, 'limit', 'value', 'same'],
    memory: mebibytes * 2 ** 20,
  };
}

function declare(rig: Rig, state: State): void {
  for (const { files } of [stateA, stateB]) rig.remove(...Object.keys(files));
  rig.write(state.files);
}

/** The very objects of a state and no others, as the engine tells it, and a plan that has nothing to do. */
async function expectConverged(rig: Rig, state: State, after: string): Promise<void> {
  const { containers, networks, volumes } = await objectsOf(rig.workspace);
  expect(
    containers.map((name) => name.replace(/-0-[0-9a-f]{8}$/, '')),
    after,
  ).toEqual(state.agents.map((agent) => `${rig.workspace}-${agent}`).sort());
  expect(networks, after).toEqual([`${rig.workspace}-default`, `${rig.workspace}-net-${state.letter}`]);
  expect(volumes, after).toEqual([`${rig.workspace}-data`]);
  expect(await agentContainer(rig.workspace, 'limit/0'), after).toMatchObject({
    State: { Running: true },
    HostConfig: { Memory: state.memory },
  });
  const value = await agentContainer(rig.workspace, 'value/0');
  expect(value, after).toMatchObject({ State: { Running: true } });
  expect(value.Config.Env, after).toContain(`LETTER=${state.letter}`);
  const plan = await rig.aac('plan', '--detailed-exitcode');
  expect(plan.exitCode, `${after}, then applied again:\n${plan.all}`).toBe(0);
}

/** Applies through the proxy and kills the apply once the engine has done the `count`-th request that counts. */
async function applyAndKill(
  rig: Rig,
  proxy: EngineProxy,
  count: number,
  counts: (request: EngineRequest) => boolean = () => true,
): Promise<EngineRequest | undefined> {
  let seen = 0;
  let last: EngineRequest | undefined;
  const running: { apply?: Begun } = {};
  proxy.treat((request) => {
    if (!counts(request)) return 'pass';
    seen += 1;
    if (seen !== count) return 'pass';
    return {
      then: () => {
        last = request;
        running.apply?.signal('SIGKILL');
      },
    };
  });
  running.apply = rig.with({ environment: { DOCKER_HOST: proxy.host } }).begin('apply', '--auto-approve');
  const { exitCode, all } = await running.apply.ended;
  await proxy.settled();
  if (last === undefined) expect(exitCode, all).toBe(0);
  return last;
}

const changingVerbs = [
  'POST /networks/create',
  'POST /containers/create',
  'POST /containers/*/update',
  'POST /containers/*/start',
  'POST /containers/*/stop',
  'DELETE /containers/*',
  'DELETE /networks/*',
];

const project = { networks: { 'net-a': {}, 'net-b': {} } };

describeDocker('an apply that is killed', () => {
  test('after any of its requests is finished by the next one, with no orphan and no double', async () => {
    await using rig = createRig({ docker: true, project });
    await using proxy = await createEngineProxy(dockerHost());
    declare(rig, stateA);
    await rig.apply();
    await expectConverged(rig, stateA, 'nothing was killed');
    const same = await agentContainer(rig.workspace, 'same/0');

    let [from, to] = [stateA, stateB];
    const killedAfter: EngineRequest[] = [];
    const killAndApply = async (count: number, counts?: (request: EngineRequest) => boolean): Promise<boolean> => {
      declare(rig, to);
      const last = await applyAndKill(rig, proxy, count, counts);
      const after = last ? `killed after ${last.method} ${last.path}` : 'not killed';
      const again = await rig.aac('apply', '--auto-approve');
      expect(again.exitCode, `${after}, then applied again:\n${again.all}`).toBe(0);
      await expectConverged(rig, to, after);
      [from, to] = [to, from];
      if (last) killedAfter.push(last);
      return last !== undefined;
    };
    for (let count = 1; await killAndApply(count, telling()); count += 1);

    // Requests that run beside each other change places from one apply to the next: what was missed so is met by name.
    for (const verb of changingVerbs) {
      if (killedAfter.some((request) => verbOf(request) === verb)) continue;
      expect(await killAndApply(1, (request) => verbOf(request) === verb), verb).toBe(true);
    }
    const changing = killedAfter.filter((request) => !isReading(request));
    expect(new Set(changing.map(verbOf))).toEqual(new Set(changingVerbs));
    expect(await agentContainer(rig.workspace, 'same/0')).toMatchObject({
      Id: same.Id,
      State: { StartedAt: same.State.StartedAt },
    });
  }, 400_000);

  test('again and again, without an apply that ends in between, loses nothing', async () => {
    await using rig = createRig({ docker: true, project });
    await using proxy = await createEngineProxy(dockerHost());
    declare(rig, stateA);
    for (let count = 1; (await applyAndKill(rig, proxy, count, isChanging)) !== undefined; count += 1);
    await expectConverged(rig, stateA, 'killed again and again');
    declare(rig, stateB);
    for (let count = 1; (await applyAndKill(rig, proxy, count, isChanging)) !== undefined; count += 1);
    await expectConverged(rig, stateB, 'killed again and again');
  });
});

/** Those that change something, and what comes right after them: between two looks nothing happens. */
function telling(): (request: EngineRequest) => boolean {
  let changed = true;
  return (request) => {
    const counts = changed || isChanging(request);
    changed = isChanging(request);
    return counts;
  };
}

function isChanging(request: EngineRequest): boolean {
  return !isReading(request);
}

function verbOf({ method, path }: EngineRequest): string {
  const [, kind, name, verb] = path.replace(/\?.*/, '').split('/');
  return `${method} /${String(kind)}/${name === 'create' ? name : '*'}${verb === undefined ? '' : `/${verb}`}`;
}
