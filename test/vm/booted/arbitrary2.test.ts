import { describe } from 'vitest';
import { proveShutdown } from '../lab/shutdown-proof.ts';

describe('arbitrary2', () => proveShutdown('arbitrary2', { stockLeaves: true }));
