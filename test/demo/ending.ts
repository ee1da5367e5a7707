import type { Report } from '../../src/model/report.ts';

/** How a shutdown ended, read from its serial log. */
export interface Ending {
  /** Mappings and arrays that were open before. */
  readonly before: readonly string[];
  /** Those of them that were open when the power went. */
  readonly open: readonly string[];
  readonly lastWord: string;
}

/**
 * systemd-shutdown names devices by number and does not say a word about what is below the root, which it never tries; so what
 * counts as closed is what was said to be closed (systemd: src/shutdown/detach-dm.c, detach-md.c).
 */
export function endingOf(log: string, report: Report): Ending {
  const devices = report.nodes.filter((node) => ['crypt', 'lvm', 'md'].includes(node.kind));
  const all = /uninitramfs: everything is closed, in .*/.exec(log)?.[0];
  const open = devices.filter(({ kname, name }) => {
    if (all !== undefined) return false;
    const stopped = log.includes(`md: ${kname} stopped`) || log.includes(`LV ${name}`);
    const detached = log.includes(`Detaching DM /dev/${kname} `) && !log.includes(`Could not detach DM /dev/${kname}:`);
    return !stopped && !detached;
  });
  const lastWord = all ?? /(Unable|Failed) to finalize.*/.exec(log)?.[0] ?? 'nothing was left open';
  return {
    before: devices.map((node) => `${node.kind === 'crypt' ? 'LUKS' : node.kind} ${node.name}`),
    open: open.map((node) => `${node.kind === 'crypt' ? 'LUKS' : node.kind} ${node.name}`),
    lastWord,
  };
}
