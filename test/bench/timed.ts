import type { Machine } from '../vm/lab/machine.ts';

const ROUNDS = 5;

/** Runs a command on a machine, one time after the other. @returns the seconds that each took, by the machine's own clock. */
export async function timed(machine: Machine, command: string, limit?: number): Promise<number[]> {
  const took: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const told = await machine.run(`read -r from _ </proc/uptime\n${command}\nread -r to _ </proc/uptime\necho "$from $to"`, limit);
    const [from, to] = told.trim().split(' ').map(Number) as [number, number];
    took.push(to - from);
  }
  return took;
}
