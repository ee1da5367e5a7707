import { describe } from 'vitest';
import { proveShutdown } from '../lab/shutdown-proof.ts';

describe('arbitrary1', () => proveShutdown('arbitrary1', { stockLeaves: true }));
