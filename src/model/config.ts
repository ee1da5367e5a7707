/** What of the memory is overwritten before the power goes. */
export const WIPE_LEVELS = ['keys', 'memory', 'off'] as const;
export type WipeLevel = (typeof WIPE_LEVELS)[number];

/** What an administrator may choose. Everything has a default. */
export interface Config {
  readonly wipe: WipeLevel;
  /** Mappings that hold keys of others and that crypttab does not tell of: names or paths. */
  readonly keyfile_devices: readonly string[];
}

export const DEFAULTS: Config = { wipe: 'keys', keyfile_devices: [] };
