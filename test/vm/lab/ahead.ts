import { ensureBootTree } from './boot-tree.ts';

/** Run by itself: makes what takes longest, so that no test has to wait for it. Whoever needs it first waits as for anybody who makes it. */
await ensureBootTree('trixie-more', () => undefined);
