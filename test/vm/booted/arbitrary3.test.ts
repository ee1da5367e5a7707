import { describe } from 'vitest';
import { proveShutdown } from '../lab/shutdown-proof.ts';

describe('arbitrary3', () => proveShutdown('arbitrary3', { stockLeaves: true }));
