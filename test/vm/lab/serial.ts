import type { Socket } from 'node:net';

/** What `test/vm/hosts/lib.sh` encrypts every host with. */
export const PASSPHRASE = 'correct horse battery staple';
/** As cryptsetup-initramfs and systemd-cryptsetup put it; a message may come right behind it. */
const ASKED = /(?:Please unlock disk|Please enter passphrase for disk) [^\n:]*:/;

export interface ConsoleLine {
  /** Milliseconds, as performance.now() counts. */
  readonly at: number;
  readonly text: string;
}

export interface Console {
  text(): string;
  lines(): readonly ConsoleLine[];
  /** From now on a terminal is at the other end. It is nobody's at boot, where an answer could end up in a passphrase. */
  attach(): void;
}

/** The question where the cursor is (ECMA-48, DSR). systemd asks it to learn a terminal's size, and waits a third of a second. */
const WHERE = '\x1b[6n';

/** Listens to the guest's serial console, and types the passphrase wherever it is asked for. */
export function listen(serial: Socket): Console {
  let text = '';
  let answered = 0;
  let heard: number | undefined;
  const lines: ConsoleLine[] = [];
  serial.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    for (let at = text.indexOf(WHERE, heard); heard !== undefined && at >= 0; at = text.indexOf(WHERE, heard)) {
      // It has sent the cursor beyond the last corner before.
      serial.write(text[at - 1] === 'H' ? '\x1b[25;80R' : '\x1b[1;1R');
      heard = at + WHERE.length;
    }
    const ended = text.slice(0, text.lastIndexOf('\n') + 1).split('\n').length - 1;
    if (ended > lines.length) {
      const at = performance.now();
      for (const line of text.split('\n').slice(lines.length, ended)) lines.push({ at, text: line.replace(/\r$/, '') });
    }
    for (let asked = ASKED.exec(text.slice(answered)); asked; asked = ASKED.exec(text.slice(answered))) {
      answered += asked.index + asked[0].length;
      serial.write(`${PASSPHRASE}\n`);
    }
  });
  const attach = () => {
    heard = text.length;
  };
  return { text: () => text, lines: () => lines, attach };
}
