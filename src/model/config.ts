import * as z from 'zod/mini';

/** What of the memory is overwritten before the power goes. */
export const WIPE_LEVELS = ['keys', 'memory', 'off'] as const;
export type WipeLevel = (typeof WIPE_LEVELS)[number];

/** One thing that an administrator may choose. */
interface Setting<T> {
  readonly schema: z.ZodMiniType<T>;
  readonly fallback: T;
  /** For errors and the manual, as TOML writes it. */
  readonly takes: string;
  /** One line for whoever has to choose. */
  readonly about: string;
}

/** One line a key, in the order in which they are told. Everything has a default. */
export const SETTINGS = {
  wipe: choice(WIPE_LEVELS, 'keys', 'What of the memory is overwritten before the power goes.'),
  keyfile_devices: names([], 'Mappings that hold keys of others, beside those that crypttab tells of.'),
};

export type Config = { readonly [Key in keyof typeof SETTINGS]: (typeof SETTINGS)[Key]['fallback'] };

export const DEFAULTS = Object.fromEntries(Object.entries(SETTINGS).map(([key, { fallback }]) => [key, fallback])) as unknown as Config;

function choice<const T extends string>(among: readonly T[], fallback: NoInfer<T>, about: string): Setting<T> {
  return { schema: z.enum(among), fallback, takes: among.map((each) => JSON.stringify(each)).join(', '), about };
}

function names(fallback: readonly string[], about: string): Setting<readonly string[]> {
  return { schema: z.array(z.string().check(z.minLength(1))), fallback, takes: 'a list of names, such as ["keys", "/dev/mapper/keys02"]', about };
}
