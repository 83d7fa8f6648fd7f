import { defineConfig } from 'vitest/config';

/**
 * Tests that wait for real things, so their limit is generous and more of them run at once than there are processors;
 * nothing asserts on time. One that fails is tried once more, as a busy machine can starve a probe or a container, and
 * the tally of `npm run verify` names every test that needed it.
 */
const real = {
  testTimeout: 180_000,
  hookTimeout: 180_000,
  maxWorkers: 3,
  retry: 1,
  sequence: { groupOrder: 1 },
};

/** Three projects: `unit` needs nothing but Node, `process` starts real processes, `docker` needs an engine. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          testTimeout: 30_000,
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.process.test.ts', 'test/**/*.docker.test.ts'],
        },
      },
      {
        test: {
          name: 'process',
          include: ['test/**/*.process.test.ts'],
          ...real,
          globalSetup: ['test/support/build.ts'],
        },
      },
      {
        test: {
          name: 'docker',
          include: ['test/**/*.docker.test.ts'],
          ...real,
          globalSetup: ['test/support/build.ts', 'test/support/engine.ts'],
        },
      },
    ],
  },
});
