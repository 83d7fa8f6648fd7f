import { expect, test } from 'vitest';
import { labels } from '../../src/model/labels.ts';
import { describeDocker } from '../support/docker.ts';
import { createRig, type Begun, type Rig } from '../support/rig.ts';
import { docker } from './engine-view.ts';
import { container } from './manifests.ts';

/** What a manifest asks for. Another letter replaces the container, another amount of memory changes it in place. */
interface Asked {
  readonly letter: string;
  readonly memory: number;
}

interface Found extends Asked {
  readonly id: string;
  readonly name: string;
  readonly running: boolean;
}

const names = ['a', 'b', 'c', 'd'];
const steps = 200;
const mebi = 1024 ** 2;
const fileOf = (name: string): string => `${name}.agent.yaml`;

/** Evenly from 0 to 1, the same row for the same seed: a linear congruential generator (Numerical Recipes). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

const manifest = (name: string, { letter, memory }: Asked): string =>
  container(name, {
    network: { mode: 'none' },
    stop: { gracePeriod: '0s' },
    environment: [{ name: 'LETTER', value: letter, sensitive: false }],
    resources: { limits: { memory: `${String(memory)}Mi` } },
  });

async function containersOf({ workspace }: Rig): Promise<readonly Found[]> {
  const listed = await docker().listContainers({ all: true, filters: { label: [`${labels.workspace}=${workspace}`] } });
  const looked = await Promise.all(
    listed.map(({ Id }) =>
      docker()
        .getContainer(Id)
        .inspect()
        .catch(() => undefined),
    ),
  );
  return looked.flatMap((one) => {
    if (!one) return []; // went between the two questions
    const { Id, Config, HostConfig, State } = one;
    return {
      id: Id,
      name: (Config.Labels[labels.address] ?? '').replace(/^agent\/(.+)\/\d+$/, '$1'),
      letter: (Config.Env.find((variable) => variable.startsWith('LETTER=')) ?? '').slice(7),
      memory: (HostConfig.Memory ?? 0) / mebi,
      running: State.Running,
    };
  });
}

/** How often each agent was deleted, by what the watch says. */
function deletions(printed: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const [, name = ''] of printed.matchAll(/agent\/(\w+)\/0 will be deleted/g)) {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

describeDocker('a watch that is given no rest', () => {
  test('has converged in the end, has told of every broken manifest, and deleted nothing that was only broken', async () => {
    await using rig = createRig({ docker: true });
    const random = randomFrom(20_261_122);
    const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
    const asked = new Map<string, Asked>(names.map((name) => [name, { letter: 'a', memory: 64 }]));
    const broken = new Set<string>();
    const removed = new Map<string, number>();
    const save = (name: string, wanted: Asked): void => {
      asked.set(name, wanted);
      broken.delete(name);
      rig.write({ [fileOf(name)]: manifest(name, wanted) });
    };
    const begin = (): Begun => rig.begin('watch', '--debounce', '20ms', '--resync', '0 0 1 1 *');
    for (const [name, wanted] of asked) save(name, wanted);
    let watch = begin();
    let earlier = '';

    for (let step = 0; step < steps; step += 1) {
      const name = pick(names) ?? 'a';
      const before = asked.get(name) ?? { letter: 'a', memory: 64 };
      const dice = random();
      if (step === 70 || step === 140) {
        watch.signal('SIGKILL');
        await watch.ended;
        earlier += watch.printed();
        watch = begin();
      } else if (dice < 0.5) save(name, { ...before, memory: 64 + (step % 50) });
      else if (dice < 0.6) save(name, { ...before, letter: String.fromCharCode(97 + (step % 26)) });
      else if (dice < 0.7 && asked.size > 2 && !broken.has(name) && asked.has(name)) {
        rig.remove(fileOf(name));
        asked.delete(name);
        removed.set(name, (removed.get(name) ?? 0) + 1);
      } else if (dice < 0.8 && asked.has(name)) {
        broken.add(name);
        rig.write({ [fileOf(name)]: `${manifest(name, before)}  broken${String(step)}: true\n` });
        await watch.until(new RegExp(`broken${String(step)}\\b`));
      } else {
        const victim = pick((await containersOf(rig)).filter(({ running }) => running));
        const found = victim && docker().getContainer(victim.id);
        await (dice < 0.97 ? found?.kill() : found?.remove({ force: true }))?.catch(() => undefined);
      }
    }

    for (const name of broken) save(name, asked.get(name) ?? { letter: 'a', memory: 64 });
    const want = [...asked].map(([name, wanted]) => ({ name, ...wanted, running: true }));
    const byName = (left: { name: string }, right: { name: string }): number => (left.name < right.name ? -1 : 1);
    await expect
      .poll(async () => (await containersOf(rig)).map(({ id: _, ...found }) => found).sort(byName), {
        timeout: 60_000,
        interval: 250,
      })
      .toEqual(want.sort(byName));
    for (const [name, count] of deletions(earlier + watch.printed())) {
      expect(count, `deletions of ${name}`).toBeLessThanOrEqual(removed.get(name) ?? 0);
    }
    watch.signal('SIGINT');
    expect((await watch.ended).exitCode).toBe(0);
    expect((await containersOf(rig)).filter(({ running }) => running)).toHaveLength(asked.size);
    expect((await rig.plan()).nodes).toEqual([]);
  }, 180_000);
});
