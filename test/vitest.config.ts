import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { LateLast } from './sequencer.ts';
import { cacheFolder } from './vm/lab/cache.ts';

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  // How long each file took last time, so that the longest begin first in a fresh clone too.
  cacheDir: join(cacheFolder(), 'vite'),
  test: {
    sequence: { sequencer: LateLast },
    globalSetup: ['test/vm/lab/global-setup.ts'],
    projects: [
      // Many of them wait for a clock or a child: more than one for each processor.
      { test: { name: 'unit', sequence: { groupOrder: 0 }, include: ['test/unit/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 120_000, maxWorkers: 3 } },
      { test: { name: 'quick', sequence: { groupOrder: 1 }, include: ['test/vm/quick.test.ts'], testTimeout: 300_000, hookTimeout: 60_000 } },
      // Guests share two cores: more than two at once only wait for each other.
      {
        test: {
          name: 'vm',
          sequence: { groupOrder: 2 },
          include: ['test/vm/**/*.test.ts'],
          exclude: ['test/vm/quick.test.ts', 'test/vm/slow/**'],
          testTimeout: 600_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
        },
      },
      // What takes longer than the time that all tests have: npm run test:slow.
      {
        test: {
          name: 'slow',
          include: ['test/vm/slow/**/*.test.ts'],
          testTimeout: 1_800_000,
          hookTimeout: 120_000,
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
    ],
    coverage: { provider: 'v8', include: ['src/**'], reporter: ['text-summary'] },
  },
});
