import type { Answer, Mark } from '../model/audit.ts';
import { brief, count, markOf, worst } from './answer.ts';
import type { Looked } from './looked.ts';

const FILES = {
  'keyfile-device-open': 'a device with the keys of others is open',
  'key-file-readable': 'everybody here can read a key file',
  'key-file-in-the-clear': 'a key file lies on a disk in the clear',
  'key-file-in-initramfs': 'key files are copied into an initramfs in the clear',
  'volume-key-linked': 'a volume key is linked into a keyring',
};

const MEMORY = {
  'swap-not-encrypted': 'swap is not encrypted',
  'init-on-alloc-off': 'memory is handed out with old contents',
  'swap-in-memory': 'swap is compressed memory',
  'memory-not-cleared': 'memory that is given back is not cleared',
  'crash-kernel': 'a crash dump would hold every key',
  'no-overwrite-request': 'after a power cut the firmware clears nothing',
};

/** What an exitrd of ours may lack. */
const OWN = ['exitrd-outdated', 'wipe-differs', 'config-broken', 'receipt-impossible'];

const WIPES = { keys: 'keys are wiped at the end', memory: 'keys and all free memory are wiped at the end', off: 'nothing is wiped at the end' } as const;

/** Who could get at keys? */
export function keyAnswers(looked: Looked): Answer[] {
  const isEncrypted = looked.graph.ofKind('crypt').length > 0;
  return [exitrd(looked, isEncrypted), files(looked, isEncrypted), memory(looked, isEncrypted)];
}

function files({ findings, src }: Looked, isEncrypted: boolean): Answer {
  const about = 'files';
  const found = brief(about, findings, FILES);
  if (found) return found;
  const isHidden = src.door.exists('/etc/crypttab') && src.door.text('/etc/crypttab') === undefined;
  if (isHidden) return { about, mark: 'unknown', text: 'where keys are read from, only root can see: /etc/crypttab' };
  return { about, mark: 'good', text: isEncrypted ? 'no key that others could read, and no open device that holds some' : 'nothing is encrypted' };
}

function exitrd(looked: Looked, isEncrypted: boolean): Answer {
  const own = looked.findings.filter(({ code }) => OWN.includes(code));
  const { about, mark, text } = exitrdAlone(looked, isEncrypted);
  const broken = own.some(({ code }) => code === 'config-broken') ? '; the configuration is broken' : '';
  const mute = own.some(({ code }) => code === 'receipt-impossible') ? '; it can leave no receipt' : '';
  return { about, mark: worst([mark, markOf(own)]), text: `${text}${broken}${mute}` };
}

function exitrdAlone({ exitrd: state, newSincePlan, wipe }: Looked, isEncrypted: boolean): Answer {
  const about = 'exitrd';
  switch (state) {
    case 'missing':
      return {
        about,
        mark: 'warning',
        text: `no exitrd: ${isEncrypted ? 'what is open below the root keeps its keys in memory' : 'nothing is wiped at the end'}`,
      };
    case 'other':
      return { about, mark: 'warning', text: "another program's exitrd, which wipes nothing" };
    case 'not-needed':
      if (!isEncrypted) return { about, mark: 'good', text: 'nothing below the root needs an exitrd' };
      return { about, mark: 'note', text: 'no exitrd, and nothing below the root needs one; nothing is wiped at the end' };
    case 'ours': {
      const [mark, plan] = planWords(newSincePlan);
      return { about, mark: worst([mark, wipe.level === 'off' ? 'note' : 'good']), text: `the exitrd is in place, ${plan}; ${WIPES[wipe.level]}` };
    }
    default:
      return state satisfies never;
  }
}

function planWords(news: number | undefined): [Mark, string] {
  if (news === undefined) return ['unknown', 'with a plan that only root can compare'];
  return news === 0 ? ['good', 'its plan up to date'] : ['note', `its plan from before ${count(news, 'change')}`];
}

function memory({ findings, graph, src }: Looked, isEncrypted: boolean): Answer {
  const about = 'memory';
  const found = brief(about, findings, MEMORY);
  const swap = graph.ofKind('swap').length > 0 ? 'swap is encrypted' : 'there is no swap';
  const isTold = src.door.text('/proc/cmdline') !== undefined;
  if (isTold || !isEncrypted) return found ?? { about, mark: 'good', text: isEncrypted ? `${swap}, and freed memory is cleared` : swap };
  const untold = 'whether freed memory is cleared, this reading does not tell';
  return { about, mark: worst([found?.mark ?? 'good', 'unknown']), text: `${found?.text ?? swap}; ${untold}` };
}
