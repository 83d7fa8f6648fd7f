import { describe, expect, test } from 'vitest';
import { createRig } from '../support/rig.ts';
import { allExamples, ctrlC, prepareExamples, type Course } from './examples.ts';

const yes: Course['types'] = [[/taken for an answer/, 'yes\r']];
const apply = 'aac apply --auto-approve';
/**
 * Restarts until somebody has seen it, and then waits for the last one. The terminal that it is begun on may be gone
 * before it has a session of its own.
 */
const restarts = `trap '' HUP; setsid -f flock ../restarts sh -c 'until [ -e ../seen ] || [ ! -e ../restarts ]; do sleep 2; aac restart worker; done' </dev/null >/dev/null 2>&1`;
const seen = 'touch ../seen && flock ../restarts rm ../seen';
/** A plan that is not the one that was approved says which it is, and nothing is asked. */
const approveRollback = `aac rollback --expect none | sed -n 's/^digest: \\(.*\\)/"digest": "\\1"/p' >../approved.json`;
const runWeb = 'aac run -d --name web --driver process -- sleep 600';

/** Courses by the beginning of an example; the first that fits counts. */
const courses: readonly (readonly [beginning: string, course: Course])[] = [
  ['aac init', { elsewhere: true, types: yes, after: ['aac destroy my-agents --auto-approve', 'rm -r my-agents'] }],
  ['aac logs -f', { types: [[/error: none/, ctrlC]] }],
  ['aac ps --watch', { types: [[/worker/, ctrlC]] }],
  ['aac stats web --once', {}],
  ['aac stats', { types: [[/worker/, ctrlC]] }],
  ['aac events web', { types: [[/web/, ctrlC]] }],
  ['aac events', { before: [restarts], types: [[/worker/, ctrlC]], after: [seen] }],
  ['aac rollback 1 --path', { types: yes, after: [`${apply} manifests`] }],
  ['aac rollback --expect', { before: [approveRollback], after: [apply] }],
  ['aac rollback', { types: yes, after: [apply] }],
  [
    'aac forget legacy',
    { before: [`sed s/worker/legacy/ worker.agent.yaml >legacy.agent.yaml && ${apply} && rm legacy.agent.yaml`] },
  ],
  ['aac destroy --volumes', { after: [apply] }],
  ['aac destroy', { types: yes, after: [`${apply} manifests`] }],
  ['aac stop', { after: ['aac start --all'] }],
  ['aac start --all --path', { before: ['aac stop --all --path manifests/'] }],
  ['aac start', { before: ['aac stop --all'], after: ['aac start --all'] }],
  ['aac rm web', { elsewhere: true, before: [runWeb, 'aac stop web'] }],
  ['aac rm --force', { elsewhere: true, before: [runWeb] }],
  ['aac run --driver process', { elsewhere: true, types: [[/listening/, ctrlC]] }],
  ['aac apply plan.json', { before: ['aac plan --out plan.json'] }],
  ['aac apply --expect', { before: ['aac plan --format json >../approved.json'] }],
  ['aac suspend', { after: ['aac resume web || true', 'aac resume || true'] }],
  ['aac resume web', { before: ['aac suspend web'] }],
  ['aac resume', { before: ['aac suspend'] }],
  ['aac watch --once', {}],
  ['aac watch --print-unit', {}],
  ['aac watch --detach', { after: ['aac watch --stop'] }],
  ['aac watch', { types: [[/watching/, ctrlC]] }],
];

/** Examples that are about containers; a test with an engine runs them. */
const withEngine = /^aac (?:run --rm -it|run -d|exec -it|forget --driver)/;

describe('the examples of every command', () => {
  test('are there', () => {
    expect(allExamples().flatMap(({ command, lines }) => (lines.length === 0 ? [command] : []))).toEqual([]);
  });

  test('run as they stand', { timeout: 600_000 }, async () => {
    await using rig = createRig({ project: 'none' });
    const agent = (name: string, more = ''): string =>
      `apiVersion: agent.dev/v1\nkind: Agent\nmetadata: { name: ${name} }\nspec:\n  driver: process\n` +
      `  command: [sh, -c, 'echo "error: none"; exec sleep 86400']\n  stop: { gracePeriod: 2s }\n${more}`;
    const ground = prepareExamples(rig, {
      db: agent('db'),
      web: agent('web', '  dependsOn: [db]\n'),
      worker: agent('worker'),
    });
    await ground.prepare(apply);
    await ground.prepare(`echo '  environment: [{ name: A, value: b }]' >>worker.agent.yaml && ${apply}`);
    const failures: string[] = [];
    for (const line of allExamples().flatMap(({ lines }) => lines)) {
      if (withEngine.test(line)) continue;
      const course = courses.find(([beginning]) => line.startsWith(beginning))?.[1] ?? {};
      const expected = line.replace('"$DIGEST"', `"$(sed -n 's/.*"digest": "\\(.*\\)".*/\\1/p' ../approved.json)"`);
      await ground.run(expected, course).catch((error: unknown) => failures.push(`\`${line}\`: ${String(error)}`));
    }
    expect(failures).toEqual([]);
  });
});
