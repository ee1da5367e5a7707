import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { programOf } from '../../cli/program.ts';
import { bashCompletion } from '../completion/bash.ts';
import { fishCompletion } from '../completion/fish.ts';
import { spokenOf } from '../completion/spoken.ts';
import { zshCompletion } from '../completion/zsh.ts';
import type { Entry } from './entry.ts';

const HOME = 'usr/lib/uninitramfs';
const DOC = 'usr/share/doc/uninitramfs';
/** What the man pages refer to. The rest of docs/ is for whoever changes the program. */
const GUIDES = ['CONFIGURATION.md', 'KEYFILES.md', 'REPORT.md', 'SECURITY.md', 'SHUTDOWN.md'];
const PROGRAMS = ['uninitramfs', 'teardown'];

/**
 * All that the package installs, from a built project.
 * @throws Error where dist/ is not whole.
 */
export function packageContents(project: string, version: string, changelog: string): Entry[] {
  for (const file of ['uninitramfs.cjs', 'uninitramfs-helper'])
    if (!existsSync(join(project, 'dist', file))) throw new Error(`dist/${file} is missing: apt-get install musl-tools, npm run build`);
  return [
    ...folder(project, 'dist', `${HOME}/dist`, /\.(cjs|schema\.json)$|^uninitramfs-helper$/),
    ...folder(project, 'dist/rehearse', `${HOME}/dist/rehearse`, /\.sh$/),
    ...folder(project, 'shutdown-hooks', `${HOME}/shutdown-hooks`, /\.sh$/),
    ...folder(project, 'systemd', 'usr/lib/systemd/system', /\.service$/),
    ...PROGRAMS.map((name) => ({ path: `usr/sbin/${name}`, is: { link: `../lib/uninitramfs/dist/${name}.cjs` } })),
    ...PROGRAMS.flatMap((name) => completions(name, version)),
    ...readdirSync(join(project, 'docs/man')).map((page) =>
      text(`usr/share/man/man${page.at(-1)}/${page}.gz`, gzip(readFileSync(join(project, 'docs/man', page)))),
    ),
    ...GUIDES.map((name) => text(`${DOC}/${name}`, readFileSync(join(project, 'docs', name)))),
    text(`${DOC}/copyright`, readFileSync(join(project, 'src/build/debian/copyright'))),
    text(`${DOC}/changelog.gz`, gzip(Buffer.from(changelog))),
    text('usr/share/lintian/overrides/uninitramfs', readFileSync(join(project, 'src/build/debian/lintian-overrides'))),
  ];
}

function completions(name: string, version: string): Entry[] {
  const spoken = spokenOf(programOf(name, version));
  return [
    text(`usr/share/bash-completion/completions/${name}`, bashCompletion(spoken)),
    text(`usr/share/zsh/vendor-completions/_${name}`, zshCompletion(spoken)),
    text(`usr/share/fish/vendor_completions.d/${name}.fish`, fishCompletion(spoken)),
  ];
}

function folder(project: string, from: string, to: string, wanted: RegExp): Entry[] {
  return readdirSync(join(project, from))
    .filter((name) => wanted.test(name))
    .map((name) => program(`${to}/${name}`, readFileSync(join(project, from, name))));
}

/** What begins with #! or is a program for the processor can be started, whatever mode it has where it was built. */
function program(path: string, content: Buffer): Entry {
  const start = content.subarray(0, 4).toString('latin1');
  // The package's own node, not what an administrator's PATH has first.
  const debian = start.startsWith('#!') ? content.toString().replace(/^#!\/usr\/bin\/env node\n/, '#!/usr/bin/node\n') : content;
  return { path, is: { content: debian }, executable: start.startsWith('#!') || start === '\x7fELF' };
}

function text(path: string, content: string | Buffer): Entry {
  return { path, is: { content } };
}

/** By gzip itself: what zlib makes of it differs from one processor to another in node. */
function gzip(content: Buffer): Buffer {
  return execFileSync('gzip', ['-9n'], { input: content });
}
