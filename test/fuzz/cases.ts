import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { randomHost } from '../unit/support/random-host.ts';
import { type Changes, changesOf, edits } from './edits.ts';
import { everyLayer, FILES } from './every-layer.ts';
import { hostileBytes } from './hostile.ts';
import { readTree, type Tree, treeFrom } from './tree.ts';

const FIXTURES = new URL('../fixtures/', import.meta.url).pathname;

/** A host that is wrong somewhere, and what somebody asks to have closed on it. */
export interface FuzzCase {
  /** The host that the changes are made to: a fixture, or one of HOSTS. */
  readonly host: string;
  readonly changes: Changes;
  readonly targets: readonly string[];
}

const HOSTS = new Map<string, Tree>();

/** A captured host, with the files that captures do not have; `every-layer`; `nothing`. */
function hostOf(name: string): Tree {
  const known = HOSTS.get(name) ?? makeHost(name);
  HOSTS.set(name, known);
  return known;
}

function makeHost(name: string): Tree {
  if (name === 'nothing') return new Map();
  if (name === 'every-layer') return everyLayer();
  return new Map([...treeFrom(Object.entries(FILES), []), ...readTree(`${FIXTURES}${name}/sysroot`)]);
}

export function treeOf({ host, changes }: FuzzCase): Tree {
  const tree = new Map(hostOf(host));
  for (const [path, entry] of changes) {
    if (entry) tree.set(path, entry);
    else tree.delete(path);
  }
  return tree;
}

const names = [...readdirSync(FIXTURES), 'every-layer', 'every-layer', 'every-layer'];

const targets = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  {
    weight: 1,
    arbitrary: fc.array(
      fc.oneof(
        fc.constantFrom('/srv', '/home', 'vg-a', 'pv', '/dev/sdb', '/'),
        hostileBytes.map((bytes) => Buffer.from(bytes, 'latin1').toString()),
      ),
      { maxLength: 2 },
    ),
  },
);

const garbled: fc.Arbitrary<FuzzCase> = fc
  .record({ host: fc.constantFrom(...names), edits, targets })
  .map(({ host, edits: all, targets: asked }) => ({ host, changes: changesOf(hostOf(host), all), targets: asked }));

/** Whole by itself, with names nobody should use; and then garbled too. */
const nested: fc.Arbitrary<FuzzCase> = fc
  .record({ host: randomHost, edits: fc.option(edits, { nil: [] }), targets })
  .map(({ host, edits: all, targets: asked }) => {
    const tree = treeFrom(host.allFiles(), host.links);
    return { host: 'nothing', changes: new Map([...tree, ...changesOf(tree, all)]), targets: asked };
  });

export const fuzzCase: fc.Arbitrary<FuzzCase> = fc.oneof({ weight: 3, arbitrary: garbled }, { weight: 1, arbitrary: nested });
