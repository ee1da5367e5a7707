import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { audit, readGraph } from '../../../src/app/audit.ts';
import { layers } from '../../../src/layers/index.ts';
import type { MiniStep } from '../../../src/model/miniature.ts';
import { selectAll } from '../../../src/plan/select.ts';
import { makeRecipe, type Recipe } from '../../../src/rehearse/recipe.ts';
import { FakeHost } from '../support/fake-host.ts';

const FIXTURES = new URL('../../fixtures/', import.meta.url).pathname;

function recipeOf(host: FakeHost, has: (tool: string) => boolean = () => true): Recipe {
  const read = readGraph(host.door());
  return makeRecipe(read, { layers, wanted: selectAll(read.graph).ids, has });
}

function commands(steps: readonly MiniStep[]): string[] {
  return steps.flatMap((step) => step.make.flatMap((op) => op.argv?.join(' ') ?? []));
}

/** What a person reads to see whether the miniature is the host. */
function render({ disks, steps, standIns, notes }: Recipe): string {
  return [
    ...disks.map((disk) => `${disk.guest} ${disk.id} ${disk.megabytes} MB`),
    ...standIns.map(({ name, reason }) => `instead of ${name}: ${reason}`),
    ...notes.map((note) => `chosen: ${note}`),
    ...steps.flatMap((step) => [
      '',
      step.title,
      ...step.make.flatMap((op) => [
        ...(op.argv ? [`  ${op.argv.join(' ')}`] : []),
        ...(op.input ?? '').split('\n').flatMap((line) => (line ? [`    < ${line}`] : [])),
      ]),
      ...step.again.flatMap((op) => (op.argv ? [`  again: ${op.argv.join(' ')}`] : [])),
      ...(step.checks ?? []).map((check) => `  look: ${check.argv.join(' ')}`),
      ...(step.data ? [`  data: ${step.data.path}`] : []),
    ]),
    '',
  ].join('\n');
}

/** To accept a change: npm run fixtures:golden, and read the difference. */
describe.each(readdirSync(FIXTURES))('%s', (host) => {
  const read = audit(`${FIXTURES}${host}/sysroot`, []);
  const recipe = makeRecipe(read, { layers, wanted: read.plan.selection.ids, has: () => true });

  it('has the golden miniature', async () => {
    await expect(render(recipe)).toMatchFileSnapshot(`${FIXTURES}${host}/miniature.txt`);
  });

  it('makes everything that a teardown would close, and nothing before what it lies on', () => {
    const made = new Set(recipe.disks.map((disk) => disk.id));
    for (const step of recipe.steps) {
      for (const id of step.makes) {
        for (const below of read.graph.below(id)) if (recipe.includes.has(below)) expect([step.id, below, made.has(below)]).toEqual([step.id, below, true]);
      }
      for (const id of step.makes) made.add(id);
    }
    for (const id of read.plan.selection.ids) expect([id, made.has(id)]).toEqual([id, true]);
  });
});

describe('what cannot be made', () => {
  it('is named with the reason, and something plain stands in for it', () => {
    const host = new FakeHost();
    host.mount([host.disk()], '/');
    host.mount([], '/srv/zfs', 'zfs');
    host.mount([], '/srv/far', 'nfs4');
    const recipe = recipeOf(host);
    expect(recipe.standIns.map(({ name, reason }) => `${name}: ${reason}`).sort()).toEqual([
      '/srv/far: nfs4 needs its server',
      '/srv/zfs: User Mode Linux has no ZFS',
    ]);
    expect(recipe.disks).toHaveLength(3);
    expect(commands(recipe.steps)).toContain('mke2fs -q -F -t ext4 /dev/ubdc');
  });

  it('is an ext4 where no program here makes the file system of the host', () => {
    const host = new FakeHost();
    host.mount([host.disk()], '/');
    host.mount([host.disk()], '/srv', 'jfs');
    const recipe = recipeOf(host, (tool) => tool !== 'mkfs.jfs');
    expect(recipe.notes).toContain('/srv: no program here makes jfs, ext4 stands in');
    expect(commands(recipe.steps).some((line) => line.includes('jfs'))).toBe(false);
  });

  it('is refused by name when it takes more disks than a guest can have', () => {
    const host = new FakeHost();
    host.mount([host.disk()], '/');
    for (let n = 0; n < 16; n++) host.mount([host.disk()], `/srv/${n}`);
    expect(() => recipeOf(host)).toThrow(/needs 17 disks, and a guest can have 16: name a TARGET/);
  });
});

describe('a miniature', () => {
  it('has only the disks that carry something, and their partitions with the same numbers', () => {
    const host = new FakeHost();
    const disk = host.disk();
    host.partition(disk, 1);
    host.mount([host.partition(disk, 3)], '/');
    host.disk();
    const recipe = recipeOf(host);
    expect(recipe.disks.map((each) => each.id)).toEqual(['dev:sda']);
    expect(recipe.steps[0]?.make[0]?.input).toMatch(/^\/dev\/ubda1 : size=2MiB\n\/dev\/ubda3 : size=\d+MiB\n$/);
  });

  it('mounts one file system once with data, however often it is mounted', () => {
    const host = new FakeHost();
    host.mount([host.disk()], '/');
    const twice = host.disk();
    host.mount([twice], '/a');
    host.mount([twice], '/b');
    const filled = recipeOf(host).steps.filter((step) => step.data);
    expect(filled.map((step) => step.data?.path).sort()).toEqual(['/target/.rehearsed', '/target/a/.rehearsed']);
  });

  it('fills what is open with nothing on it, since that may be a key', () => {
    const host = new FakeHost();
    host.mount([host.disk()], '/');
    host.crypt(host.disk(), 'keyfile');
    expect(recipeOf(host).steps.at(-1)?.data?.path).toBe('/dev/mapper/keyfile');
  });
});
