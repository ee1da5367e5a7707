import type { Door } from '../../../src/model/sources.ts';

/**
 * A host made up file by file, as the kernel would show it, and beside it the truth the program has to find out: what lies
 * on what. Not a mock of the program's readers: everything goes through the same door as a capture.
 */
export class FakeHost {
  readonly files = new Map<string, string>();
  readonly links = new Map<string, string>();
  readonly modes = new Map<string, number>();
  /** What programs say, by their first two words. */
  readonly answers = new Map<string, string>();
  /** above → below, by the node ids the program gives. */
  readonly truth: [above: string, below: string][] = [];
  private readonly mounts: { id: number; parent: number; point: string; line: string; nodeId: string }[] = [];
  private readonly swaps: string[] = [];
  private readonly devnos = new Map<string, string>();
  private readonly folders = new Map<string, string>();
  private dms = 0;
  private zvols = 0;
  private mds = 0;
  private loops = 0;
  private disks = 0;
  private minors = 0;

  constructor(host = 'fake') {
    this.files.set('/proc/sys/kernel/hostname', `${host}\n`);
  }

  disk(): string {
    return this.block(`sd${letters(this.disks++)}`);
  }

  partition(disk: string, number: number): string {
    const kname = `${disk}${/\d$/.test(disk) ? 'p' : ''}${number}`;
    this.register(kname, `/sys/block/${disk}/${kname}`);
    this.files.set(`/sys/block/${disk}/${kname}/partition`, `${number}\n`);
    this.lies(`dev:${kname}`, `dev:${disk}`);
    return kname;
  }

  crypt(below: string, name: string, type = 'LUKS2'): string {
    return this.dm(name, `CRYPT-${type}-0123456789abcdef0123456789abcdef-${name}`, [below]);
  }

  plain(below: readonly string[], name: string): string {
    return this.dm(name, '', below);
  }

  /** A mapping of whoever gives its devices such UUIDs. */
  mapping(below: readonly string[], name: string, uuid: string): string {
    return this.dm(name, uuid, below);
  }

  /** A multipath map, one letter a path: A for a living one, F for one that failed. */
  multipath(paths: readonly string[], name: string, states: string, features = '1 queue_if_no_path'): string {
    const each = paths.map((kname, index) => `${this.devno(kname)} ${states[index]} 0`);
    this.say('dmsetup status', `${name}: 0 204800 multipath 2 0 0 0 1 1 A 0 ${paths.length} 0 ${each.join(' ')} \n`);
    this.say('dmsetup table', `${name}: 0 204800 multipath ${features} 0 1 1 round-robin 0 ${paths.length} 1 8:0 1000 \n`);
    return this.mapping(paths, name, `mpath-3600${name}`);
  }

  private say(command: string, text: string): void {
    this.answers.set(command, (this.answers.get(command) ?? '') + text);
  }

  lv(below: readonly string[], vg: string, lv: string): string {
    const double = (part: string) => part.replaceAll('-', '--');
    return this.dm(`${double(vg)}-${double(lv)}`, `LVM-${'a'.repeat(64)}`, below);
  }

  /** What lvm2 makes below a visible LV: `real`, `cow`, `tpool`. */
  lvPart(below: readonly string[], vg: string, lv: string, layer: string): string {
    const double = (part: string) => part.replaceAll('-', '--');
    return this.dm(`${double(vg)}-${double(lv)}-${layer}`, `LVM-${'a'.repeat(64)}-${layer}`, below);
  }

  md(below: readonly string[], level: string): string {
    const kname = this.block(`md${this.mds++}`, below);
    this.files.set(`/sys/block/${kname}/md/level`, `${level}\n`);
    this.files.set(`/sys/block/${kname}/md/array_state`, 'clean\n');
    this.files.set(`/sys/block/${kname}/md/metadata_version`, '1.2\n');
    return kname;
  }

  /** An imported pool over devices, and files given as their path and the node that holds them; returns the node id. */
  pool(name: string, devices: readonly string[], files: readonly (readonly [path: string, holder: string])[] = []): string {
    const id = `zpool:${name}`;
    this.files.set(`/proc/spl/kstat/zfs/${name}/state`, 'ONLINE\n');
    for (const device of devices) this.lies(id, `dev:${device}`);
    for (const [, holder] of files) this.lies(id, holder);
    const paths = [...devices.map((device) => `/dev/${device}`), ...files.map(([path]) => path)];
    const lines = [`${name}\t960M\t-\tONLINE\t-`, '\tmirror-0\t960M\t-\tONLINE', ...paths.map((path) => `\t${path}\t-\t-\tONLINE`)];
    this.say('zpool list', `${lines.join('\n')}\n`);
    return id;
  }

  zvol(volume: string): string {
    const kname = this.block(`zd${this.zvols++ * 16}`);
    this.files.set(`/run/udev/data/b${this.devno(kname)}`, `S:zvol/${volume}\n`);
    this.lies(`dev:${kname}`, `zpool:${volume.split('/')[0]}`);
    return kname;
  }

  dataset(name: string, point: string): string {
    const id = this.mount([], point, 'zfs', name);
    this.lies(id, `zpool:${name.split('/')[0]}`);
    return id;
  }

  loop(file: string, holder: string): string {
    const kname = this.block(`loop${this.loops++}`);
    this.files.set(`/sys/block/${kname}/loop/backing_file`, `${file}\n`);
    this.lies(`dev:${kname}`, holder);
    return kname;
  }

  /** Mounts a device, several devices (as one btrfs), or nothing but a kernel file system; returns the node id. */
  mount(devices: readonly string[], point: string, fstype = 'ext4', named = fstype): string {
    const id = this.mounts.length + 20;
    const parent = this.holder(point);
    const count = this.mounts.filter((mount) => mount.point === point).length + 1;
    const nodeId = `mount:${point}${count === 1 ? '' : `#${count}`}`;
    const isPool = fstype === 'btrfs' || fstype === 'bcachefs';
    const devno = devices[0] && !isPool ? this.devno(devices[0]) : `0:${40 + id}`;
    const source = devices[0] ? (fstype === 'bcachefs' ? devices : devices.slice(0, 1)).map((kname) => `/dev/${kname}`).join(':') : named;
    this.mounts.push({
      id,
      parent: parent?.id ?? 1,
      point,
      nodeId,
      line: `${id} ${parent?.id ?? 1} ${devno} / ${octal(point)} rw,relatime - ${fstype} ${octal(source)} rw`,
    });
    if (parent) this.lies(nodeId, parent.nodeId);
    if (isPool) {
      const uuid = `${String(id).padStart(8, '0')}-0000-0000-0000-000000000000`;
      if (fstype === 'btrfs') this.files.set(`/sys/fs/btrfs/${uuid}/label`, '\n');
      for (const [index, kname] of devices.entries()) {
        const link = fstype === 'btrfs' ? `btrfs/${uuid}/devices/${kname}` : `bcachefs/${uuid}/dev-${index}/block`;
        this.links.set(`/sys/fs/${link}`, `../../../../../devices/virtual/block/${kname}`);
        this.lies(nodeId, `dev:${kname}`);
      }
    } else for (const kname of devices) this.lies(nodeId, `dev:${kname}`);
    return nodeId;
  }

  /** Has the mount table call what is mounted there by another source. */
  source(point: string, source: string): void {
    for (const mount of this.mounts) if (mount.point === point) mount.line = mount.line.replace(/(- \S+) \S+/, `$1 ${octal(source)}`);
  }

  /** How what is mounted there is passed on to other mount namespaces. */
  words(point: string, propagation: string): void {
    for (const mount of this.mounts) if (mount.point === point) mount.line = mount.line.replace(' - ', ` ${propagation} - `);
  }

  /** A swap file on what is mounted there. */
  swapFile(path: string, mount: string): void {
    this.swaps.push(path);
    this.lies(`swap:${path}`, mount);
  }

  swap(kname: string): string {
    this.swaps.push(`/dev/${kname}`);
    this.lies(`swap:/dev/${kname}`, `dev:${kname}`);
    return `swap:/dev/${kname}`;
  }

  /** Every file of the host, the tables included. */
  allFiles(): Map<string, string> {
    const files = new Map(this.files);
    files.set('/proc/self/mountinfo', this.mounts.map((mount) => `${mount.line}\n`).join(''));
    files.set(
      '/proc/swaps',
      ['Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority', ...this.swaps.map((path) => `${octal(path)} partition 1024 0 -2`), ''].join('\n'),
    );
    return files;
  }

  door(): Door {
    const files = this.allFiles();
    const folders = new Map<string, Set<string>>();
    for (const path of [...files.keys(), ...this.links.keys()]) {
      for (let at = path; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
        const parent = at.slice(0, at.lastIndexOf('/'));
        const names = folders.get(parent) ?? new Set();
        names.add(at.slice(parent.length + 1));
        folders.set(parent, names);
      }
    }
    return {
      root: '/fake',
      live: false,
      text: (path) => files.get(path)?.trimEnd(),
      list: (path) => [...(folders.get(path) ?? [])].sort(),
      link: (path) => this.links.get(path),
      exists: (path) => files.has(path) || this.links.has(path) || folders.has(path),
      mode: (path) => this.modes.get(path),
      answer: (argv) => this.answers.get(argv.slice(0, 2).join(' ')),
    };
  }

  private dm(name: string, uuid: string, below: readonly string[]): string {
    const kname = this.block(`dm-${this.dms++}`, below);
    this.files.set(`/sys/block/${kname}/dm/name`, `${name}\n`);
    this.files.set(`/sys/block/${kname}/dm/uuid`, `${uuid}\n`);
    return kname;
  }

  block(kname: string, below: readonly string[] = []): string {
    this.register(kname, `/sys/block/${kname}`);
    for (const lower of below) {
      const folder = this.folders.get(lower) ?? `/sys/block/${lower}`;
      this.links.set(`/sys/block/${kname}/slaves/${lower}`, `../../..${folder.slice('/sys'.length)}`);
      this.links.set(`${folder}/holders/${kname}`, `${'../'.repeat(folder.split('/').length - 1)}block/${kname}`);
      this.lies(`dev:${kname}`, `dev:${lower}`);
    }
    return kname;
  }

  private register(kname: string, sys: string): void {
    const devno = `259:${this.minors++}`;
    this.devnos.set(kname, devno);
    this.folders.set(kname, sys);
    this.files.set(`${sys}/dev`, `${devno}\n`);
    this.files.set(`${sys}/size`, '204800\n');
    this.links.set(`/sys/dev/block/${devno}`, `../../${sys.slice('/sys/'.length)}`);
  }

  private devno(kname: string): string {
    return this.devnos.get(kname) as string;
  }

  private holder(point: string): { id: number; nodeId: string } | undefined {
    for (let at = point; ; at = at.slice(0, at.lastIndexOf('/'))) {
      const found = this.mounts.findLast((mount) => mount.point === (at === '' ? '/' : at));
      if (found || at === '' || at === '/') return found;
    }
  }

  private lies(above: string, below: string): void {
    this.truth.push([above, below]);
  }
}

function letters(index: number): string {
  return index < 26 ? String.fromCharCode(97 + index) : letters(Math.floor(index / 26) - 1) + letters(index % 26);
}

/** As the kernel writes names into mountinfo and swaps. */
export function octal(text: string): string {
  return text.replace(/[ \t\n\\#]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`);
}
