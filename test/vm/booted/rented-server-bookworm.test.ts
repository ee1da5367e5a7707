import { describe } from 'vitest';
import { proveShutdown } from '../lab/shutdown-proof.ts';

describe('rented-server on Debian 12 (systemd 252)', () => proveShutdown('rented-server-bookworm', { stockLeaves: true, alone: false }));
