import * as z from 'zod/mini';
import { NO_RECEIPT } from './receipt.ts';

/** What of the memory is overwritten before the power goes. */
export const WIPE_LEVELS = ['keys', 'memory', 'off'] as const;
export type WipeLevel = (typeof WIPE_LEVELS)[number];

/** What of a shutdown is told on the console. */
const CONSOLES = ['steps', 'failures'] as const;

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
  never_touch: globs([], 'What no live teardown closes; before the power goes the exitrd closes all.'),
  bounds: factor(1, 'Every bound of a step is so many times its default: more for slow disks.'),
  console: choice(CONSOLES, 'steps', "What the exitrd tells on the console; the kernel's log has all of it."),
  receipt: receipt('Where the exitrd writes down, for the next boot, how the shutdown went.'),
  exitrd_files: paths([], 'Files that the exitrd holds beside its own, programs with their libraries.'),
  exitrd_before: paths([], 'Programs that the exitrd runs before it closes anything, with the verb.'),
  exitrd_after: paths([], 'The same when everything is closed, before memory is wiped.'),
};

export type Config = { readonly [Key in keyof typeof SETTINGS]: (typeof SETTINGS)[Key]['fallback'] };

export const DEFAULTS = Object.fromEntries(Object.entries(SETTINGS).map(([key, { fallback }]) => [key, fallback])) as unknown as Config;

function choice<const T extends string>(among: readonly T[], fallback: NoInfer<T>, about: string): Setting<T> {
  return { schema: z.enum(among), fallback, takes: among.map((each) => JSON.stringify(each)).join(', '), about };
}

function names(fallback: readonly string[], about: string): Setting<readonly string[]> {
  return { schema: z.array(z.string().check(z.minLength(1))), fallback, takes: 'a list of names, such as ["keys", "/dev/mapper/keys02"]', about };
}

function globs(fallback: readonly string[], about: string): Setting<readonly string[]> {
  return { ...names(fallback, about), takes: 'a list of globs, such as ["vault*", "/srv/backup/**"]' };
}

function paths(fallback: readonly string[], about: string): Setting<readonly string[]> {
  return {
    schema: z.array(z.string().check(z.regex(/^\/[^\n\0]+$/))),
    fallback,
    takes: 'a list of whole paths, such as ["/usr/local/sbin/lights-off"]',
    about,
  };
}

function receipt(about: string): Setting<string> {
  return {
    schema: z.string().check(z.regex(/^(off|efi|\/[^\n\0]*[^\n\0/])$/)),
    fallback: NO_RECEIPT,
    takes: '"off", "efi", or a whole path such as "/boot/uninitramfs.receipt"',
    about,
  };
}

function factor(fallback: number, about: string): Setting<number> {
  return { schema: z.number().check(z.gte(0.1), z.lte(100)), fallback, takes: 'a number from 0.1 to 100', about };
}
