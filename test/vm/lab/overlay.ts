import { execa } from 'execa';

/** A qcow2 that holds only what differs from another. */
export async function overlay(base: string, file: string): Promise<void> {
  await execa('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', base, file], { timeout: 30_000 });
}
