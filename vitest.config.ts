import { defineConfig } from 'vitest/config';

/**
 * Three projects: `unit` needs nothing but Node, `process` starts real processes, `docker` needs an engine.
 * Tests of the last two wait for real things, so their limit is generous; nothing asserts on time.
 */
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
          testTimeout: 120_000,
          hookTimeout: 120_000,
          globalSetup: ['test/support/build.ts'],
        },
      },
      {
        test: {
          name: 'docker',
          include: ['test/**/*.docker.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          globalSetup: ['test/support/build.ts', 'test/support/engine.ts'],
        },
      },
    ],
  },
});
