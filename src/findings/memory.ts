import type { Finding } from '../model/finding.ts';
import type { Node } from '../model/node.ts';
import type { Door, Sources } from '../model/sources.ts';
import { storageOf } from '../plan/storage.ts';
import type { Topology } from '../topology/graph.ts';

/** UEFI's variable by which an operating system asks the firmware to clear the memory after an unclean end (TCG PC Client Platform Reset Attack Mitigation). */
const OVERWRITE_REQUEST = '/sys/firmware/efi/efivars/MemoryOverwriteRequestControl-e20939be-32d4-41be-a150-897f85d49829';

/** Where secrets stay in memory or reach a disk on this host, each with what would change it. */
export function memoryFindings(src: Sources, graph: Topology): Finding[] {
  const { door } = src;
  const crypts = graph.ofKind('crypt');
  const words = door.text('/proc/cmdline')?.split(/\s+/);
  return [
    ...swapFindings(graph, door),
    ...src.crypttab.filter((entry) => entry.options.some((option) => option.startsWith('link-volume-key='))).map(linkedKey),
    ...(words && crypts.length > 0 ? [...kernelFindings(words, door), ...firmwareFindings(door)] : []),
  ];
}

function swapFindings(graph: Topology, door: Door): Finding[] {
  const resumes = ![undefined, '', '0:0'].includes(door.text('/sys/power/resume'));
  return graph.ofKind('swap').flatMap((node) => {
    const below = new Set(storageOf(node.id, graph).map(({ kind }) => kind));
    if (below.has('zram')) return [compressedSwap(node)];
    return below.has('crypt') || node.close !== 'step' ? [] : [plainSwap(node, resumes)];
  });
}

function plainSwap(node: Node, resumes: boolean): Finding {
  return {
    code: 'swap-not-encrypted',
    severity: 'warning',
    text: `swap ${node.path} is not encrypted: whatever was in memory may stay on that disk${resumes ? ', and a hibernation image holds every key' : ''}`,
    fix: 'put it on a LUKS device, or give it a random key: crypttab(5), option swap',
    node: node.id,
  };
}

function compressedSwap(node: Node): Finding {
  return {
    code: 'swap-in-memory',
    severity: 'info',
    text: `swap ${node.path} is compressed memory: what went there is still there when the power goes, unless the exitrd resets it`,
    fix: 'leave wipe at "keys" or "memory", which do',
    node: node.id,
  };
}

function linkedKey({ name }: { readonly name: string }): Finding {
  return {
    code: 'volume-key-linked',
    severity: 'warning',
    text: `crypttab links the volume key of ${name} into a keyring, where closing the device does not remove it`,
    fix: 'remove link-volume-key= from its line, or unlink the key after use: keyctl(1)',
  };
}

/** What the kernel was told to do with memory that is given back (kernel: mm/mm_init.c). */
function kernelFindings(words: readonly string[], door: Door): Finding[] {
  const has = (word: string) => words.includes(word);
  const clearsFreed = has('page_poison=1') || has('init_on_free=1');
  const found: Finding[] = [];
  if (!clearsFreed) {
    found.push({
      code: 'memory-not-cleared',
      severity: 'info',
      text: 'the kernel does not clear memory that is given back: what encrypted files held can be in it until the power goes',
      fix: 'wipe = "memory" in /etc/uninitramfs/uninitramfs.toml, or init_on_free=1 on the kernel command line',
    });
  }
  if (has('init_on_alloc=0')) {
    found.push({
      code: 'init-on-alloc-off',
      severity: 'warning',
      text: 'init_on_alloc=0: old contents stay in memory that is in use again, a key file of the initramfs for the whole session',
      fix: 'remove init_on_alloc=0 from the kernel command line',
    });
  }
  if (Number(door.text('/sys/kernel/kexec_crash_size') ?? 0) > 0) {
    found.push({
      code: 'crash-kernel',
      severity: 'info',
      text: 'memory is reserved for a crash kernel: a crash dump holds every key, and only wipe = "memory" gives that memory back to overwrite it',
      fix: 'encrypt where kdump writes to, or remove crashkernel= from the kernel command line',
    });
  }
  return found;
}

function firmwareFindings(door: Door): Finding[] {
  if (!door.exists('/sys/firmware/efi')) return [];
  // Four bytes of attributes, then the value; its lowest bit is the request.
  const value = door.text(OVERWRITE_REQUEST)?.at(4);
  if (value !== undefined && value.charCodeAt(0) % 2 === 1) return [];
  const isThere = value !== undefined;
  return [
    {
      code: 'no-overwrite-request',
      severity: 'info',
      text: `the firmware ${isThere ? 'is not' : 'cannot be'} asked to clear the memory after an unclean end: a power cut leaves the keys as they are`,
      fix: isThere ? "boot through the kernel's EFI stub, which asks for it" : 'look for "memory overwrite" or TCG settings in the firmware setup',
    },
  ];
}
