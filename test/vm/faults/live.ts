import { slowHelper } from '../lab/slow-helper.ts';
import type { Guest } from '../lab/uml.ts';

const LAYERS = '. /lab/hosts/layers.sh';

/** Something that happens to a live teardown, in User Mode Linux: LUKS, LVM, LUKS, and a file system with data that is synced. */
export interface LiveFault {
  readonly what: string;
  readonly outcome: string;
  /** Seconds for all of it, until everything is closed. */
  readonly bound: number;
  /** @returns what did not hold. */
  readonly suffer: (guest: Guest) => Promise<string[]>;
}

const SLOW = slowHelper('sleep 1');

const done = (said: string) => [...said.matchAll(/\[ {2}OK {2}\] (.*?) {2}\d+\.\d\d s/g)].map(([, title]) => title as string);

async function closedAndWhole(guest: Guest): Promise<string[]> {
  await guest.run(`${LAYERS}\nclosed\nagain_luks_lvm_luks`, 120);
  return [];
}

/** Sends a signal when so many steps are done, and runs the teardown again. */
async function interrupted(guest: Guest, signal: 'INT' | 'TERM' | 'KILL', after: number): Promise<string[]> {
  const when = `${signal} after ${after} steps`;
  const first = await guest.try(`teardown --yes >/run/out 2>&1 & it=$!
until [ -e /run/uninitramfs/teardown.pid ]; do sleep 0.05; done
until [ "$(grep -c '  OK  ' /run/out)" -ge ${after} ]; do sleep 0.05; done
sleep 0.5
kill -${signal} $it
wait $it
echo "exit $?"
cat /run/out`);
  const second = await guest.try('teardown --yes');
  const broken: string[] = [];
  const twice = done(second.out).filter((title) => done(first.out).includes(title));
  if (twice.length > 0) broken.push(`${when}: done twice: ${twice.join(', ')}`);
  if (second.code !== 0) broken.push(`${when}: the second run ended with ${second.code}:\n${second.out}${second.err}`);
  if (signal !== 'KILL' && !first.out.includes('interrupted: finishing the steps that run')) broken.push(`${when}: the first run said\n${first.out}`);
  return [...broken, ...(await closedAndWhole(guest))];
}

export const LIVE_FAULTS: readonly LiveFault[] = [
  {
    what: 'a live teardown gets SIGINT, SIGTERM, or SIGKILL in any of its steps, and is run again',
    outcome: 'the second run does what is left; nothing is done twice, the data is there',
    bound: 180,
    suffer: async (guest) => {
      await guest.run(SLOW);
      const broken: string[] = [];
      for (const after of [0, 1, 2, 3]) broken.push(...(await interrupted(guest, 'KILL', after)));
      return [...broken, ...(await interrupted(guest, 'INT', 1)), ...(await interrupted(guest, 'TERM', 2))];
    },
  },
  {
    what: 'four live teardowns at once, where the last one that ran was killed',
    outcome: 'one works, the others say which process does',
    bound: 90,
    suffer: async (guest) => {
      await guest.run(SLOW);
      const said = await guest.run(`mkdir -p /run/uninitramfs; sh -c 'echo $$ >/run/uninitramfs/teardown.pid'
for n in 1 2 3 4; do (teardown --yes >/run/at-once.$n 2>&1; echo "exit $?" >>/run/at-once.$n) & done
wait
cat /run/at-once.*`);
      const count = (what: RegExp) => said.match(what)?.length ?? 0;
      const broken: string[] = [];
      if (count(/^exit 0$/gm) !== 1 || count(/another teardown is at work \(pid \d+\): wait for it to end/g) !== 3) broken.push(`they said:\n${said}`);
      if (new Set(done(said)).size !== done(said).length) broken.push(`something was done twice:\n${said}`);
      return [...broken, ...(await closedAndWhole(guest))];
    },
  },
];

export const BUILD_LIVE = `${LAYERS}\nground\nluks_lvm_luks`;
