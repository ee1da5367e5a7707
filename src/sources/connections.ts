import { endianness } from 'node:os';
import type { Door } from '../model/sources.ts';

/** A TCP connection of this host's, as far as it tells whether the other side is there. */
export interface Connection {
  readonly address: string;
  readonly port: number;
  /** What was sent is sent again and again, and nothing comes back. */
  readonly isSilent: boolean;
}

/** States of the kernel's (kernel: include/net/tcp_states.h). */
const ESTABLISHED = '01';
const SYN_SENT = '02';

/** Once may be chance. */
const RETRIES = 3;

/** The connections that somebody uses or tries to make (kernel: net/ipv4/tcp_ipv4.c, get_tcp4_sock). */
export function readConnections(door: Door): Connection[] {
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => (door.text(file) ?? '').split('\n').slice(1)).flatMap(parseLine);
}

function parseLine(line: string): Connection[] {
  const [, , remote = '', state, , , retries = ''] = line.trim().split(/\s+/);
  const [, address, port] = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(remote) ?? [];
  if (address === undefined || port === undefined || (state !== ESTABLISHED && state !== SYN_SENT)) return [];
  return [{ address: addressOf(address), port: Number.parseInt(port, 16), isSilent: state === SYN_SENT || Number.parseInt(retries, 16) >= RETRIES }];
}

/** Each 32 bits are printed as a number of this processor's. */
function addressOf(hex: string): string {
  const words = (hex.match(/.{8}/g) ?? []).map((word) => (endianness() === 'LE' ? (word.match(/../g) ?? []).reverse().join('') : word));
  const [last = ''] = words.slice(-1);
  const isMapped = words.length === 4 && words.slice(0, 3).join('') === '00000000000000000000ffff'.toUpperCase();
  if (words.length === 1 || isMapped) return (last.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).join('.');
  return plainAddress((words.join('').match(/.{4}/g) ?? []).join(':'));
}

/** An IPv6 address has many spellings; this is the shortest one. What is no address stays as it is. */
export function plainAddress(address: string): string {
  if (!address.includes(':')) return address;
  try {
    return new URL(`http://[${address}]`).hostname.slice(1, -1);
  } catch {
    return address;
  }
}
