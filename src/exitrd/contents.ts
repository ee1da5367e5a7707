import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { HELPER } from '../model/by-helper.ts';
import type { Config } from '../model/config.ts';
import { UserError } from '../model/errors.ts';
import { EXITRD_LIB as LIB } from '../model/places.ts';
import type { Step } from '../model/step.ts';
import { APPLETS, GIVEN, PARTS, SHUTDOWN } from './hooks.ts';
import { appletsOf, librariesOf, locate, placeOf } from './programs.ts';
import { toolsOf } from './tools.ts';

/** One thing in the tree. Paths are absolute inside it. */
export interface Item {
  readonly path: string;
  readonly is: { readonly copy: string } | { readonly text: string } | { readonly link: string };
  readonly executable: boolean;
  /** What it is there for, for a person. */
  readonly why: string;
  readonly bytes: number;
}

export interface Contents {
  readonly items: readonly Item[];
  /** Programs that steps call and this host does not have. */
  readonly missing: readonly { readonly tool: string; readonly why: string }[];
}

/** What of the program itself goes into a tree. */
export interface Fittings {
  /** The folder shutdown-hooks/. */
  readonly hooks: string;
  /** The program of helper.c, where it was built. */
  readonly helper: string;
  readonly config: Config;
}

/** The folders of a tree. */
export const FOLDERS = ['dev', 'etc', 'oldroot', 'proc', 'run', 'sys', 'tmp', 'usr/bin', 'usr/lib'];

/** Tells whether a tree was made with other settings than those of now. */
export const SETTINGS = `${LIB}/settings`;

export function settingsText({ wipe, console, ...config }: Config): string {
  return `${JSON.stringify({ wipe, console, ...Object.fromEntries(GIVEN.map((setting) => [setting, config[setting]])) })}\n`;
}

/** What lvm2 must not wait for in an exitrd (lvm.conf(5)): udev, its own daemons, and writing to an /etc that is gone. */
const LVM_CONF = `activation { udev_sync = 0 udev_rules = 0 monitoring = 0 }
global { use_lvmlockd = 0 use_lvmpolld = 0 event_activation = 0 }
devices { obtain_device_list_from_udev = 0 external_device_info_source = "none" use_devicesfile = 0 }
backup { backup = 0 archive = 0 }
log { syslog = 0 }
`;

/**
 * What a tree that runs these steps must hold: the shell, the programs the steps call, their libraries, and the hooks.
 * @throws UserError without busybox, or when a program's library is missing.
 */
export async function contentsFor(steps: readonly Step[], { hooks, helper, config }: Fittings): Promise<Contents> {
  const busybox = locate('busybox');
  if (!busybox) throw new UserError('the exitrd needs busybox, which is not installed: apt-get install busybox-static');
  const applets = await appletsOf(busybox);
  const items = new Map<string, Item>();
  const add = (item: Item) => items.has(item.path) || items.set(item.path, item);
  const missing: { tool: string; why: string }[] = [];

  add(textItem('/shutdown', readFileSync(join(hooks, SHUTDOWN), 'utf8'), 'what systemd-shutdown starts as PID 1', true));
  for (const part of PARTS) add(textItem(`${LIB}/${part}`, readFileSync(join(hooks, part), 'utf8'), 'what /shutdown does', false));
  add(textItem(`${LIB}/wipe.level`, `${config.wipe}\n`, 'what of the memory is overwritten at the end', false));
  if (existsSync(helper)) await addProgram(helper, 'removes mappings; overwrites keyrings, terminals, sockets and temporary files in memory', add);
  else missing.push({ tool: HELPER, why: 'overwrite passphrases in keyrings, terminals and sockets (it is built where there is a C compiler)' });
  await addProgram(busybox, `the shell, and ${APPLETS.filter((name) => ['umount', 'mount', 'swapoff', 'losetup', 'reboot'].includes(name)).join(', ')}`, add);
  for (const applet of APPLETS) {
    if (!applets.has(applet)) throw new UserError(`this busybox has no ${applet}: apt-get install busybox-static`);
    add(link(`/usr/bin/${applet}`, 'busybox', 'busybox'));
  }

  const needed = new Map<string, string>([...toolsOf(steps)].map(([tool, titles]) => [tool, titles.join('; ')]));
  const hasMappings = steps.some((step) => JSON.stringify(step.unless).includes('/dm/name'));
  // What no plan knows is taken apart with it, and what stays open loses its key by it.
  if (hasMappings && !needed.has('dmsetup')) needed.set('dmsetup', 'whatever mapping no plan knows');
  for (const [tool, why] of needed) {
    if (items.has(`/usr/bin/${tool}`)) continue;
    if (applets.has(tool)) add(link(`/usr/bin/${tool}`, 'busybox', why));
    else if (locate(tool)) await addProgram(locate(tool) as string, why, add);
    else missing.push({ tool, why });
  }
  // For libraries that lie where only ld.so.conf(5) tells.
  if (existsSync('/etc/ld.so.cache'))
    add({
      path: '/etc/ld.so.cache',
      is: { copy: '/etc/ld.so.cache' },
      executable: false,
      why: 'where libraries lie',
      bytes: statSync('/etc/ld.so.cache').size,
    });
  if (items.has('/usr/bin/lvm')) add(textItem('/etc/lvm/lvm.conf', LVM_CONF, 'keeps lvm2 from waiting for daemons that are gone', false));
  for (const setting of GIVEN) {
    const placed: string[] = [];
    for (const file of config[setting]) {
      const at = await addFile(file, `${setting} asks for it`, add);
      if (at === undefined) missing.push({ tool: file, why: `${setting} asks for it, but it is no file` });
      else placed.push(at);
    }
    if (placed.length > 0) add(textItem(`${LIB}/${setting}`, placed.map((at) => `${at}\n`).join(''), `what ${setting} asks for`, false));
  }
  add(textItem(SETTINGS, settingsText(config), 'the settings that this tree was made with', false));
  if (config.console === 'failures') add(textItem(`${LIB}/console.failures`, '', 'has only failures told on the console', false));
  const kexec = locate('kexec');
  if (kexec) await addProgram(kexec, 'starts the kernel that "systemctl kexec" loaded', add);
  return { items: [...items.values()], missing };
}

function textItem(path: string, text: string, why: string, executable: boolean): Item {
  return { path, is: { text }, executable, why, bytes: Buffer.byteLength(text) };
}

function link(path: string, to: string, why: string): Item {
  return { path, is: { link: to }, executable: false, why, bytes: 0 };
}

/** A program under its own name, as a link where it is one (vgchange is lvm), with its libraries. */
async function addProgram(path: string, why: string, add: (item: Item) => unknown): Promise<void> {
  const real = realpathSync(path);
  const name = basename(real);
  if (name !== basename(path)) add(link(`/usr/bin/${basename(path)}`, name, why));
  add({ path: `/usr/bin/${name}`, is: { copy: real }, executable: true, why, bytes: statSync(real).size });
  await addLibraries(real, add);
}

async function addLibraries(program: string, add: (item: Item) => unknown): Promise<void> {
  const why = `a library of ${basename(program)}`;
  for (const library of await librariesOf(program))
    add({ path: placeOf(library), is: { copy: realpathSync(library) }, executable: true, why, bytes: statSync(library).size });
}

/** A file in its own place, and its libraries where it is a program. @returns that place, or undefined where there is no such file. */
async function addFile(path: string, why: string, add: (item: Item) => unknown): Promise<string | undefined> {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isFile()) return undefined;
  const executable = (found.mode & 0o111) !== 0;
  const at = placeOf(path);
  add({ path: at, is: { copy: realpathSync(path) }, executable, why, bytes: found.size });
  if (executable) await addLibraries(path, add);
  return at;
}
