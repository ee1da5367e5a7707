import type { Door } from '../model/sources.ts';

/**
 * The name of the container this runs in, or undefined on a host of its own (systemd: src/basic/virt.c,
 * detect_container). In a container /sys shows the host's devices, which are not this system's to close.
 */
export function containerName(door: Door): string | undefined {
  const told = door.text('/run/systemd/container');
  if (told) return told;
  const manager = /(?:^|\0)container=([^\0]+)/.exec(door.text('/proc/1/environ') ?? '')?.[1];
  if (manager) return manager;
  // These files also travel in images that are booted as machines; who sees the kernel's threads is in no container.
  if (door.text('/proc/2/comm') === 'kthreadd') return undefined;
  if (door.exists('/.dockerenv')) return 'docker';
  return door.exists('/run/.containerenv') ? 'podman' : undefined;
}
