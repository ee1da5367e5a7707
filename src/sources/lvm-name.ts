import type { LvmName } from '../model/sources.ts';

/** What lvm2 itself lets be a name (lvm2: lib/misc/lvm-string.c, validate_name). Its commands take `-x` for an option and `@x` for a tag. */
const VALID = /^(?!\.{1,2}$)[a-zA-Z0-9+_.][a-zA-Z0-9+_.-]*$/;

/**
 * Takes an LVM device-mapper name apart: `vg-lv` or `vg-lv-layer`, where a dash inside a part is doubled
 * (lvm2: libdm/libdm-string.c, dm_split_lvm_name).
 * @returns undefined when the name has no single dash, or is none that lvm2 would give.
 */
export function splitLvmName(dmName: string): LvmName | undefined {
  const parts = dmName.replaceAll('--', '\0').split('-');
  const [vg, lv, ...layer] = parts.map((part) => part.replaceAll('\0', '-'));
  return vg && lv && VALID.test(vg) && VALID.test(lv) ? { vg, lv, layer: layer.join('-') } : undefined;
}
