import { expect, test } from 'vitest';
import { labels } from '../../src/model/labels.ts';
import { describeDocker, dockerHost } from '../support/docker.ts';
import { createEngineProxy } from '../support/engine-proxy.ts';
import { createRig, type Begun, type Rig } from '../support/rig.ts';
import { docker } from './engine-view.ts';
import { container, localProcess } from './manifests.ts';

const never = ['--debounce', '20ms', '--resync', '0 0 1 1 *'];

const agent = (letter: string): string =>
  container('web', {
    network: { mode: 'none' },
    stop: { gracePeriod: '0s' },
    environment: [{ name: 'LETTER', value: letter, sensitive: false }],
  });

/** The variable of every container of the workspace that runs, with its id. */
async function running({ workspace }: Rig): Promise<readonly { readonly id: string; readonly letter: string }[]> {
  const listed = await docker().listContainers({ filters: { label: [`${labels.workspace}=${workspace}`] } });
  const looked = await Promise.all(listed.map(({ Id }) => docker().getContainer(Id).inspect()));
  return looked.map(({ Id, Config }) => ({
    id: Id,
    letter: Config.Env.find((variable) => variable.startsWith('LETTER='))?.slice(7) ?? '',
  }));
}

async function runs(rig: Rig, letter: string, printed: () => string): Promise<string> {
  let id = '';
  const seen = async (): Promise<string> => {
    const all = await running(rig).catch(() => []);
    id = all[0]?.id ?? '';
    return all.map((one) => one.letter).join();
  };
  await expect.poll(seen, { timeout: 30_000, interval: 200, message: printed() }).toBe(letter);
  return id;
}

/** Waits for the end of so many applies, as what is killed within one is that one's affair. */
function applied(watch: Begun, times: number): Promise<void> {
  return watch.until((printed) => (printed.match(/Apply complete/g) ?? []).length >= times);
}

describeDocker('a watch', () => {
  test('whose engine goes away says so once, waits, and brings all up to date when it is back', async () => {
    await using rig = createRig({ docker: true });
    await using proxy = await createEngineProxy(dockerHost());
    rig.write({ 'web.agent.yaml': agent('a') });
    const watch = rig.with({ environment: { DOCKER_HOST: proxy.host } }).begin('watch', ...never);
    const first = await runs(rig, 'a', watch.printed);
    await applied(watch, 1);

    await proxy.stop();
    rig.write({ 'web.agent.yaml': agent('b') });
    await watch.until(/error\[driver-unreachable\]/);
    await watch.until(/waiting for it; what runs is left as it is meanwhile/);
    await docker().getContainer(first).remove({ force: true });

    await proxy.start();
    const second = await runs(rig, 'b', watch.printed);
    await watch.until(/everything that is needed answers again/);
    expect(watch.printed().match(/error\[driver-unreachable\]/g)).toHaveLength(1);

    await applied(watch, 2);
    await docker().getContainer(second).kill(); // its events are listened to again
    expect(await runs(rig, 'b', watch.printed)).toBe(second);
    watch.signal('SIGINT');
    expect((await watch.ended).exitCode).toBe(0);
  }, 90_000);

  test('hears of containers though the first of them was declared while it ran', async () => {
    await using rig = createRig({ docker: true });
    rig.write({ 'one.agent.yaml': localProcess('one') });
    const watch = rig.begin('watch', ...never);
    await watch.until(/Apply complete: 1 created/);
    rig.write({ 'web.agent.yaml': agent('a') });
    const web = await runs(rig, 'a', watch.printed);
    await applied(watch, 2);
    await docker().getContainer(web).kill();
    expect(await runs(rig, 'a', watch.printed)).toBe(web);
    watch.signal('SIGINT');
    expect((await watch.ended).exitCode).toBe(0);
  }, 60_000);
});
