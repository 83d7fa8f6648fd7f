import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { createMemoryDriver } from '../../src/drivers/memory/memory-driver.ts';
import { MemoryWorld } from '../../src/drivers/memory/memory-world.ts';
import type { Plan } from '../../src/model/plan.ts';
import { createRuntimeOver } from '../../src/runtime/runtime.ts';

const names = ['a', 'b', 'c', 'd'];

const manifests = fc.array(
  fc.record({
    value: fc.constantFrom('1', '2', 'ü'),
    memory: fc.constantFrom('64Mi', '0.0625Gi', '128Mi'),
    replicas: fc.integer({ min: 1, max: 2 }),
    dependsOn: fc.boolean(),
    declared: fc.boolean(),
  }),
  { minLength: names.length, maxLength: names.length },
);

const orders = fc.shuffledSubarray([0, 1, 2, 3], { minLength: names.length });

type Manifests = typeof manifests extends fc.Arbitrary<infer T> ? T : never;

function textsOf(written: Manifests): readonly string[] {
  const declared = names.filter((_, index) => index === 0 || written[index]?.declared);
  return declared.map((name, position) => {
    const { value, memory, replicas, dependsOn } = written[names.indexOf(name)] ?? {};
    const before = declared[position - 1];
    return stringify({
      apiVersion: 'agent.dev/v1',
      kind: 'Agent',
      metadata: { name },
      spec: {
        image: 'web:1',
        imagePullPolicy: 'Never',
        environment: [{ name: 'VALUE', value }],
        resources: { limits: { memory } },
        replicas,
        ...(dependsOn && before !== undefined ? { dependsOn: [before] } : {}),
      },
    });
  });
}

/** A machine with a checkout, a state folder and a world of its own. */
function machine(layout: (texts: readonly string[]) => Readonly<Record<string, string>>) {
  const root = mkdtempSync(join(tmpdir(), 'aac-digest-'));
  const checkout = join(root, 'work');
  const driver = createMemoryDriver({ world: new MemoryWorld({ images: { 'web:1': 'an id' } }) });
  const runtime = createRuntimeOver({
    cwd: root,
    environment: { AAC_STATE_DIR: join(root, 'state') },
    drivers: { names: ['memory'], create: async () => driver },
  });
  return {
    declare: (texts: readonly string[]): void => {
      rmSync(checkout, { recursive: true, force: true });
      mkdirSync(join(checkout, 'sub'), { recursive: true });
      const project = { apiVersion: 'agent.dev/v1', kind: 'Project', metadata: { name: 'digest' } };
      for (const [file, text] of Object.entries({ 'aac.yaml': stringify(project), ...layout(texts) })) {
        writeFileSync(join(checkout, file), text);
      }
    },
    loseState: (): void => rmSync(join(root, 'state'), { recursive: true, force: true }),
    plan: async (): Promise<Plan> => {
      const planned = await runtime.plan(checkout, {
        driver: 'memory',
        allowDelete: true,
        signal: new AbortController().signal,
      });
      if (!planned.ok) throw new Error(JSON.stringify(planned.error));
      return planned.value;
    },
    apply: async (plan: Plan): Promise<void> => {
      const applied = await runtime.apply(plan, { signal: new AbortController().signal });
      if (!applied.ok || applied.value.status !== 'succeeded') throw new Error('it could not be applied');
    },
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

const zone = process.env.TZ;
afterEach(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

describe('the digest of one content', () => {
  it('is the same in two checkouts, whatever the state folders know, the order of the files, their comments and the time zone', async () => {
    await fc.assert(
      fc.asyncProperty(manifests, manifests, orders, async (before, after, order) => {
        using one = machine((texts) =>
          Object.fromEntries(texts.map((text, index) => [`${String(index)}.agent.yaml`, text])),
        );
        using other = machine((texts) => ({
          'sub/agent.yaml': order
            .flatMap((index) => texts[index] ?? [])
            .map((text) => `# another word on it\n${text}`)
            .join('---\n'),
        }));
        for (const [written, isLast] of [
          [before, false],
          [after, true],
        ] as const) {
          const texts = textsOf(written);
          one.declare(texts);
          other.declare(texts);
          process.env.TZ = 'Asia/Tokyo';
          const first = await one.plan();
          process.env.TZ = 'America/New_York';
          if (isLast) other.loseState();
          const second = await other.plan();
          expect(second.digest).toBe(first.digest);
          if (!isLast) await Promise.all([one.apply(first), other.apply(second)]);
        }
      }),
      { numRuns: 5 },
    );
  }, 120_000);
});
