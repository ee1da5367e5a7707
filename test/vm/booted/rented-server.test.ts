import { describe } from 'vitest';
import { proveShutdown } from '../lab/shutdown-proof.ts';

describe('rented-server', () => proveShutdown('rented-server', { stockLeaves: true }));
