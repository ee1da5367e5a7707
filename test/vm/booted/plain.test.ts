import { describe } from 'vitest';
import { proveShutdown } from '../lab/shutdown-proof.ts';

describe('plain', () => proveShutdown('plain', { stockLeaves: false }));
