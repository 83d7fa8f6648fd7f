import { expect, test } from 'vitest';
import { describeDocker } from '../support/docker.ts';
import { freePort } from '../support/free-port.ts';
import { createRig, type Rig } from '../support/rig.ts';
import { edgeOf, shared, startLoad } from './edge-load.ts';

/** What the plan says of the edge, which has to be the same in every format. */
async function notesOnEdge(rig: Rig): Promise<readonly string[]> {
  const { changes } = await rig.plan();
  const notes = changes.flatMap((change) => ((change.address as string) === 'edge/edge' ? change.notes : []));
  const own = notes.filter((note) => note.includes('not there'));
  for (const format of ['text', 'markdown']) {
    const { all } = await rig.aac('plan', '--format', format);
    for (const note of own) expect(all).toContain(note);
  }
  return own;
}

describeDocker('a host port', () => {
  test('moves to the edge, through a change of it, and back, each told beforehand, and answers again', async () => {
    await using rig = createRig({ docker: true, project: { edge: { image: 'aac-test/node:20' } } });
    const [port, other] = [await freePort(), await freePort()];
    const alone = { replicas: 1, deployment: { strategy: 'recreate' } };
    rig.write({ 'web.agent.yaml': shared('v1', port, alone) });
    await rig.apply();
    expect(await edgeOf(rig)).toEqual([]);
    await using load = startLoad(port);
    await load.answered('v1', 50);

    rig.write({ 'web.agent.yaml': shared('v2', port) });
    expect(await notesOnEdge(rig)).toEqual([
      `host port ${String(port)} moves here from \`agent/web/0\`: not there for a second or two, open connections are cut`,
    ]);
    await rig.apply();
    await load.answered('v2', 50);
    const [first] = await edgeOf(rig);

    rig.write({ 'more.agent.yaml': shared('other', other).replace('name: web', 'name: more') });
    expect(await notesOnEdge(rig)).toEqual([
      `host port ${String(port)} is not there for a second or two, open connections are cut`,
    ]);
    await rig.apply();
    await load.answered('v2', 50);
    await using added = startLoad(other);
    await added.answered('other', 20);
    await added[Symbol.asyncDispose]();
    expect((await edgeOf(rig)).map(({ Id }) => Id)).not.toEqual([first?.Id]);

    rig.remove('more.agent.yaml');
    rig.write({ 'web.agent.yaml': shared('v3', port, alone) });
    const back = await rig.aac('plan');
    expect(back.all).toContain('moves here from `edge/edge`: not there until this answers there');
    await rig.apply('--allow-delete');
    await load.answered('v3', 50);
    expect(await edgeOf(rig)).toEqual([]);
    expect((await rig.aac('plan', '--detailed-exitcode')).exitCode).toBe(0);
  });
});
