import { describe } from 'vitest';
import { proveShutdown } from '../lab/shutdown-proof.ts';

describe('impermanence', () => proveShutdown('impermanence', { stockLeaves: true }));
