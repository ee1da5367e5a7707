import { UserError } from '../model/errors.ts';
import { isMemberPool } from '../model/member-pool.ts';
import type { MiniCheck } from '../model/miniature.ts';
import type { Node } from '../model/node.ts';
import { shellWord as quote } from '../model/quote.ts';
import type { Topology } from '../topology/graph.ts';
import type { Recipe } from './recipe.ts';

/** Something that goes wrong before the shutdown begins. */
export interface Fault {
  readonly title: string;
  /** Run in the guest, outside the miniature. */
  readonly script: string;
  /** Checks that mean nothing any more. */
  readonly spoils?: (check: MiniCheck) => boolean;
}

type Maker = (graph: Topology, recipe: Recipe) => Fault | undefined;

const INSIDE = 'chroot /proc/1/root';

const FAULTS: Readonly<Record<string, { readonly needs: string; readonly make: Maker }>> = {
  'busy-mount': {
    needs: 'a mount outside the root',
    make: (graph, recipe) => {
      const mount = liveMount(graph, recipe);
      return (
        mount && {
          title: `somebody works in ${mount.path}`,
          script: `${INSIDE} sh -c 'cd "$1" && exec sleep 100000' sh ${quote(mount.path)} >/dev/null 2>&1 &\nsleep 0.3`,
        }
      );
    },
  },
  process: {
    needs: 'a mount outside the root',
    make: (graph, recipe) => {
      const mount = liveMount(graph, recipe);
      // systemd spares whose name starts with @, for the daemons of storage (systemd: docs/ROOT_STORAGE_DAEMONS.md).
      const stay = 'cd "$1" && ln -sf "$(command -v sleep)" /run/rehearsal/@stays && PATH=/run/rehearsal exec @stays 100000';
      return (
        mount && {
          title: `a process that nothing ends holds ${mount.path}`,
          script: `${INSIDE} sh -c ${quote(stay)} sh ${quote(mount.path)} >/dev/null 2>&1 &\nsleep 0.3`,
        }
      );
    },
  },
  'missing-member': {
    needs: 'an array that can lose a member',
    make: (graph, recipe) => {
      const array = graph.ofKind('md').find((node) => recipe.includes.has(node.id) && /^raid(1|4|5|6|10)$/.test(node.facts.level ?? ''));
      const member = recipe.steps.find((step) => array && step.makes.includes(array.id))?.make[0]?.argv?.at(-1);
      if (!array || !member) return undefined;
      return {
        title: `${array.name} has lost ${member}`,
        script: `mdadm --quiet ${quote(array.path)} --fail ${quote(member)}\nsleep 0.5\nmdadm --quiet ${quote(array.path)} --remove ${quote(member)}`,
        spoils: (check) => check.argv.includes(member),
      };
    },
  },
  'missing-tool': {
    needs: 'something outside the root that takes a program to close',
    make: (graph, recipe) => {
      const tools: Readonly<Record<string, string>> = { crypt: 'cryptsetup', md: 'mdadm', lvm: 'lvm' };
      const isCalled = (kind: string) => graph.ofKind(kind).some((node) => recipe.includes.has(node.id) && !graph.pinned(node.id) && node.close === 'step');
      const [, tool] = Object.entries(tools).find(([kind]) => isCalled(kind)) ?? [];
      return tool === undefined ? undefined : { title: `${tool} is gone`, script: `rm -f "$(command -v ${tool})"` };
    },
  },
  'hanging-device': {
    needs: 'a mount on a mapping outside the root',
    make: (graph, recipe) => {
      const mount = graph.ofKind('mount').find((node) => isLive(graph, recipe, node) && mappingBelow(graph, node));
      const mapping = mount && mappingBelow(graph, mount);
      if (!mount || !mapping) return undefined;
      return {
        title: `${mapping.name} answers nothing any more`,
        script: `${INSIDE} sh -c 'echo unwritten >"$1/.unwritten"' sh ${quote(mount.path)}\ndmsetup suspend --nolockfs -- ${quote(mapping.facts.dm as string)}`,
      };
    },
  },
  'garbled-plan': {
    needs: 'the exitrd',
    make: () => ({
      title: 'the plan in the exitrd is garbled',
      script: `tree=/run/initramfs
[ -d /proc/1/root$tree/usr/lib/uninitramfs ] || { echo "no exitrd of this program is installed" >&2; exit 1; }
${INSIDE} mount -o remount,rw $tree
for plan in /proc/1/root$tree/usr/lib/uninitramfs/plan*; do [ "\${plan##*.}" = sh ] || dd if=/dev/urandom of="$plan" bs=1k count=4 status=none; done
${INSIDE} mount -o remount,ro $tree`,
    }),
  },
};

/** @throws UserError for a name nobody knows, and where the host has nothing it could happen to. */
export function makeFault(name: string, graph: Topology, recipe: Recipe): Fault {
  const known = FAULTS[name];
  if (!known) throw new UserError(`no fault is called ${JSON.stringify(name)}: there are ${Object.keys(FAULTS).join(', ')}`);
  const fault = known.make(graph, recipe);
  if (!fault) throw new UserError(`the fault ${name} needs ${known.needs}, and this host has none`);
  return fault;
}

function isLive(graph: Topology, recipe: Recipe, node: Node): boolean {
  return recipe.includes.has(node.id) && !graph.pinned(node.id) && node.wanted && node.close === 'step';
}

function liveMount(graph: Topology, recipe: Recipe): Node | undefined {
  return graph.ofKind('mount').find((node) => isLive(graph, recipe, node));
}

/** The mapping directly below a mount, or below its btrfs, when nothing that backs the root is. */
function mappingBelow(graph: Topology, mount: Node): Node | undefined {
  const below = mount.below.flatMap((id) => (isMemberPool(graph.node(id)) ? (graph.node(id)?.below ?? []) : [id]));
  return below.flatMap((id) => graph.node(id) ?? []).find((node) => node.facts.dm !== undefined && !graph.pinned(node.id));
}
