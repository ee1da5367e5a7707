import { describe } from 'vitest';
import { proveShutdown } from '../lab/shutdown-proof.ts';

describe('nas', () => proveShutdown('nas', { stockLeaves: true }));
