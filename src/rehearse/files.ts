import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

declare const BUNDLED: true;

const isBundled = typeof BUNDLED !== 'undefined';

/** The folder of the guest's shell files: this one, or the one that the build puts beside the bundle. */
export const SHELL_FILES = isBundled ? join(__dirname, 'rehearse') : fileURLToPath(new URL('.', import.meta.url));

/** The program's own folder: what the guest runs lies below it in dist/ and shutdown-hooks/. */
export const PROGRAM = isBundled ? dirname(__dirname) : dirname(dirname(SHELL_FILES.replace(/\/$/, '')));
