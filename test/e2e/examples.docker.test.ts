import { expect, test } from 'vitest';
import { dockerClient } from '../support/docker.ts';
import { createRig } from '../support/rig.ts';
import { allExamples, prepareExamples, type Course } from './examples.ts';
import { busybox, container } from './manifests.ts';

/** The examples that are about containers. */
const courses: readonly (readonly [beginning: string, course: Course])[] = [
  ['aac run --rm -it', { elsewhere: true, types: [[/[#$] $/, 'exit\r']] }],
  ['aac run -d', { elsewhere: true, after: ['aac rm --force web'] }],
  ['aac exec -it', { types: [[/[#$] $/, 'exit\r']] }],
  ['aac forget --driver docker', { before: ['mv web.agent.yaml ..'] }],
];

/** Gives the images that examples name to the engine where it lacks them, under names that are taken away again. */
async function lendImages(...names: readonly string[]): Promise<AsyncDisposable> {
  const docker = dockerClient();
  const lent: string[] = [];
  const carrier = await docker.createContainer({ Image: busybox.image, Cmd: ['true'] });
  for (const name of names) {
    const [repo = '', tag = ''] = name.split(':');
    const isThere = await docker
      .getImage(name)
      .inspect()
      .then(() => true)
      .catch(() => false);
    if (isThere) continue;
    await carrier.commit({ repo, tag, changes: 'CMD ["sleep", "86400"]' });
    lent.push(name);
  }
  await carrier.remove({ force: true });
  return {
    [Symbol.asyncDispose]: async () => {
      for (const name of lent) await docker.getImage(name).remove({ force: true });
    },
  };
}

test('the examples that are about containers run as they stand', async () => {
  await using rig = createRig({ docker: true, project: 'none' });
  await using _images = await lendImages('alpine:3', 'nginx:1');
  const ground = prepareExamples(rig, { web: container('web') });
  await ground.prepare('aac apply --auto-approve');
  const lines = allExamples().flatMap((examples) => examples.lines);
  for (const [beginning, course] of courses) {
    const line = lines.find((each) => each.startsWith(beginning));
    if (line === undefined) throw new Error(`no example begins with \`${beginning}\``);
    await ground.run(line, course);
  }
  expect(await rig.with({ folder: 'manifests' }).aac('ps', '--all')).toMatchObject({ exitCode: 0 });
});
