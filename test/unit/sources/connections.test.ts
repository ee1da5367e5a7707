import { describe, expect, it } from 'vitest';
import type { Door } from '../../../src/model/sources.ts';
import { plainAddress, readConnections } from '../../../src/sources/connections.ts';

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const door = (files: Record<string, string[]>): Door => ({
  root: '/fake',
  live: false,
  text: (path) => files[path] && [HEAD, ...files[path]].join('\n'),
  list: () => [],
  link: () => undefined,
  exists: (path) => path in files,
  mode: () => undefined,
  answer: () => undefined,
});

describe("the kernel's table of connections", () => {
  it('tells address, port, and whether anything comes back', () => {
    const tcp = [
      '   0: 0A0200C0:03FF 050200C0:0801 01 00000000:00000000 00:00000000 00000000     0        0 100 1 0000000000000000 20 4 30 10 -1',
      '   1: 0A0200C0:03FE 060200C0:0801 01 00000040:00000000 01:00000123 00000005     0        0 101 1 0000000000000000 20 4 30 10 -1',
      '   2: 0A0200C0:03FD 070200C0:01BD 02 00000001:00000000 01:00000064 00000001     0        0 102 1 0000000000000000 20 4 30 10 -1',
      '   3: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 103 1 0000000000000000 100 0 0 10 0',
      'garbled',
      '',
    ];
    expect(readConnections(door({ '/proc/net/tcp': tcp }))).toEqual([
      { address: '192.0.2.5', port: 2049, isSilent: false },
      { address: '192.0.2.6', port: 2049, isSilent: true },
      { address: '192.0.2.7', port: 445, isSilent: true },
    ]);
  });

  it('tells IPv6 in its shortest spelling, and what is IPv4 in disguise', () => {
    const tcp6 = [
      '   0: 00000000000000000000000001000000:C350 B80D0120000000000000000001000000:0801 01 00000000:00000000 00:00000000 00000000 0 0 1 1',
      '   1: 0000000000000000FFFF00000A0200C0:C351 0000000000000000FFFF0000050200C0:0801 01 00000000:00000000 00:00000000 00000000 0 0 1 1',
    ];
    expect(readConnections(door({ '/proc/net/tcp6': tcp6 })).map(({ address }) => address)).toEqual(['2001:db8::1', '192.0.2.5']);
    expect(plainAddress('2001:0db8:0:0::1')).toBe('2001:db8::1');
    expect(plainAddress('fe80::1%eth0')).toBe('fe80::1%eth0');
  });

  it('is empty where it cannot be read', () => {
    expect(readConnections(door({}))).toEqual([]);
  });
});
