import type { LvmName } from '../model/sources.ts';

/**
 * Takes an LVM device-mapper name apart: `vg-lv` or `vg-lv-layer`, where a dash inside a part is doubled
 * (lvm2: libdm/libdm-string.c, dm_split_lvm_name).
 * @returns undefined when the name has no single dash.
 */
export function splitLvmName(dmName: string): LvmName | undefined {
  const parts = dmName.replaceAll('--', '\0').split('-');
  const [vg, lv, ...layer] = parts.map((part) => part.replaceAll('\0', '-'));
  return vg && lv ? { vg, lv, layer: layer.join('-') } : undefined;
}
