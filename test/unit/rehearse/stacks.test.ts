import { describe, expect, it } from 'vitest';
import { readGraph } from '../../../src/app/audit.ts';
import { layers } from '../../../src/layers/index.ts';
import { selectAll } from '../../../src/plan/select.ts';
import { makeRecipe } from '../../../src/rehearse/recipe.ts';
import { closeByHand } from '../../vm/lab/by-hand.ts';
import { putInTheWay } from '../../vm/lab/in-the-way.ts';
import { stackOf } from '../../vm/lab/random-stack.ts';
import { shrink } from '../../vm/lab/shrink.ts';
import { stacksOf } from '../../vm/lab/stacks.ts';
import { FakeHost } from '../support/fake-host.ts';

describe('a failing stack', () => {
  const fails = async (list: readonly number[]) => list.includes(3) && list.includes(7);

  it('is made smaller until nothing can be left out', async () => {
    expect(await shrink([1, 2, 3, 4, 5, 6, 7, 8], fails, 100)).toEqual([3, 7]);
  });

  it('fails still when there is no time left to make it smaller', async () => {
    expect(await fails(await shrink([1, 2, 3, 4, 5, 6, 7, 8], fails, 3))).toBe(true);
  });

  it('is the same for the same seed, in a shorter run and in a longer one', () => {
    expect(stacksOf(7, 5)).toEqual(stacksOf(7, 9).slice(0, 5));
  });
});

it('every random stack can be read and built: none lies on itself', () => {
  for (const moves of stacksOf(2, 300)) {
    const read = readGraph(stackOf(moves).door());
    const recipe = makeRecipe(read, { layers, wanted: selectAll(read.graph).ids, has: () => true });
    expect(recipe.standIns).toEqual([]);
  }
});

function nested(): FakeHost {
  const host = new FakeHost();
  host.mount([host.disk()], '/');
  const [one, two] = [host.lv([host.disk()], 'vg', 'one'), host.lv([host.disk()], 'other', 'two')];
  host.mount([host.crypt(one, 'secret')], '/srv/a b');
  host.mount([host.loop('/srv/a b/file', 'mount:/srv/a b')], '/srv/deep');
  host.swap(two);
  return host;
}

describe('the right order by hand', () => {
  it('is the opposite of the way it was built, with one command for a volume group', () => {
    const read = readGraph(nested().door());
    const recipe = makeRecipe(read, { layers, wanted: selectAll(read.graph).ids, has: () => true });
    const order = closeByHand(recipe, read.graph).split('\n').slice(1);
    expect([...order].sort()).toEqual([
      "hand 'cryptsetup' 'close' 'secret'",
      "hand 'losetup' '-d' '/dev/loop0'",
      "hand 'swapoff' '/dev/other/two'",
      "hand 'umount' '/target'",
      "hand 'umount' '/target/srv/a b'",
      "hand 'umount' '/target/srv/deep'",
      "hand 'vgchange' '-q' '-an' 'other'",
      "hand 'vgchange' '-q' '-an' 'vg'",
    ]);
    const deep = ['/target/srv/deep', '/dev/loop0', '/target/srv/a b', 'secret', "'vg'"].map((word) => order.findIndex((line) => line.includes(word)));
    expect(deep).toEqual([...deep].sort((a, b) => a - b));
  });
});

describe('a process in the way', () => {
  it('keeps what its mount stands on, and without --keep-going what stands on it', () => {
    const { graph } = readGraph(nested().door());
    const ways = [0, 1].map((pick) => putInTheWay(graph, '/target', pick)).sort((a, b) => (a?.mount.path ?? '').localeCompare(b?.mount.path ?? ''));
    const below = ['dm secret', 'dm vg-one', 'mount /target', 'mount /target/srv/a\\040b'];
    expect(ways[0]).toMatchObject({ mount: { path: '/srv/a b' }, leftGoingOn: below });
    expect(ways[0]?.left).toEqual([...below, 'loop loop0', 'mount /target/srv/deep'].sort());
    expect(ways[1]?.leftGoingOn).toEqual(ways[0]?.left);
  });

  it('keeps the snapshot of a volume it stands on', () => {
    const host = new FakeHost();
    host.mount([host.disk()], '/');
    const pv = host.disk();
    const [real, cow] = [host.lvPart([pv], 'vg', 'origin', 'real'), host.lvPart([pv], 'vg', 'snap', 'cow')];
    host.mount([host.lv([real], 'vg', 'origin')], '/srv');
    host.lv([real, cow], 'vg', 'snap');
    host.lv([pv], 'vg', 'free');
    const way = putInTheWay(readGraph(host.door()).graph, '/target', 0);
    expect(way?.leftGoingOn).toEqual(['dm vg-origin', 'dm vg-origin-real', 'dm vg-snap', 'dm vg-snap-cow', 'mount /target', 'mount /target/srv']);
  });
});
