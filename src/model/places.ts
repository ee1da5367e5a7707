/** Where programs are looked for. NixOS keeps its own in a profile. */
export const PROGRAM_FOLDERS = ['/usr/sbin', '/usr/bin', '/sbin', '/bin', '/usr/local/sbin', '/usr/local/bin', '/run/current-system/sw/bin'] as const;

/** Where systemd-shutdown looks for an exitrd (systemd: docs/INITRD_INTERFACE.md). */
export const EXITRD_HOME = '/run/initramfs';

/** Where the program's own files lie in an exitrd. */
export const EXITRD_LIB = '/usr/lib/uninitramfs';

/** What the mount table calls the tmpfs of an installed exitrd. */
export const EXITRD_SOURCE = 'uninitramfs';
