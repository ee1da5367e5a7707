import { ARRAYS, DISKS } from './disks.ts';
import type { Fault } from './fault.ts';
import { MANY } from './many.ts';
import { NETWORK } from './network.ts';
import { PROCESSES } from './processes.ts';
import { TREE } from './tree.ts';
import { VOLUMES } from './volumes.ts';

/** Every fault, the most dangerous first. */
export const FAULTS: readonly Fault[] = [...PROCESSES, ...DISKS, ...ARRAYS, ...VOLUMES, ...NETWORK, ...TREE, ...MANY];
