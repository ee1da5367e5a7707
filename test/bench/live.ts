import { bootGuest, type Guest } from '../vm/lab/uml.ts';
import { median, type Row } from './row.ts';

const ROUNDS = 5;
const USE = '. /lab/hosts/timed.sh';
/** What it has to close is closed at the end of each round, whoever did it; what a peer leaves is told. */
const PEERS = {
  ours: 'teardown --yes >/dev/null',
  loop: 'by_loop',
  blkdeactivate: 'blkdeactivate -u >/dev/null 2>&1 || :',
} as const;
type Peer = keyof typeof PEERS;

/** A live teardown in a real kernel (User Mode Linux), against what else closes everything. */
export async function benchLive(say: (line: string) => void): Promise<Row[]> {
  const wide = await takeTurns('wide', say);
  const deep = await takeTurns('deep', say);
  const many = 'live: 64 LUKS devices, each under an LV and an ext4';
  const chain = 'live: a chain of 12 layers, where nothing can run in parallel';
  const loop = '`umount -a; vgchange -an; cryptsetup close` in a loop';
  return [
    ratio(`${many}, against \`blkdeactivate -u\`${rest(wide, 'blkdeactivate')}`, wide, 'blkdeactivate', 1 / 3),
    ratio(`the same, against ${loop}${rest(wide, 'loop')}`, wide, 'loop', 1 / 3),
    ratio(`${chain}, against ${loop}${rest(deep, 'loop')}`, deep, 'loop', 1),
  ];
}

interface Turn {
  readonly seconds: number;
  /** Mappings and file systems that it left. */
  readonly left: number;
}

type Turns = Readonly<Record<Peer, Turn[]>>;

async function takeTurns(stack: 'wide' | 'deep', say: (line: string) => void): Promise<Turns> {
  const guest = await bootGuest({ memory: '3G' });
  try {
    await guest.run(`${USE}\nmake_${stack}`, 600);
    const turns: Turns = { ours: [], loop: [], blkdeactivate: [] };
    const names = Object.keys(PEERS) as Peer[];
    for (let round = 0; round < ROUNDS; round++) {
      for (const name of names) {
        turns[name].push(await turnOf(guest, name));
        await guest.run(`${USE}\nby_loop 2>/dev/null\n[ "$(dmsetup ls)" = 'No devices found' ]\nopen_${stack}`, 600);
      }
      say(
        `${stack}, round ${round + 1}: ${names.map((name) => `${name} ${turns[name].at(-1)?.seconds.toFixed(2)} s, ${turns[name].at(-1)?.left} left`).join('; ')}`,
      );
    }
    return turns;
  } finally {
    await guest.stop();
  }
}

async function turnOf(guest: Guest, name: Peer): Promise<Turn> {
  const start = performance.now();
  await guest.run(`${USE}\n${PEERS[name]}`, 600);
  const seconds = (performance.now() - start) / 1000;
  const left = Number((await guest.run("{ dmsetup ls | grep -v '^No devices' || :; } | wc -l")).trim());
  if (name === 'ours' && left > 0) throw new Error(`ours left ${left} mappings`);
  return { seconds, left };
}

function rest(turns: Turns, peer: Peer): string {
  const left = Math.max(...turns[peer].map((turn) => turn.left));
  return left > 0 ? `, which leaves ${left} mappings open` : '';
}

function ratio(what: string, { ours, ...others }: Turns, peer: Exclude<Peer, 'ours'>, goal: number): Row {
  const theirs = others[peer];
  return {
    what,
    goal,
    ours: median(ours.map(({ seconds }) => seconds)),
    other: median(theirs.map(({ seconds }) => seconds)),
    ratio: median(ours.map(({ seconds }, n) => seconds / (theirs[n] as Turn).seconds)),
  };
}
