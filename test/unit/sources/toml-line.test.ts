import fc from 'fast-check';
import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { lineOfKey } from '../../../src/sources/toml-line.ts';

interface Statement {
  readonly text: string;
  /** What it says, below the table it stands in, or from the outside for a header. */
  readonly path?: readonly string[];
  readonly isHeader?: boolean;
}

/** Each kind of statement, with a number that makes its names its own, and with what only looks like a statement. */
const KINDS: ((n: number) => Statement)[] = [
  () => ({ text: '' }),
  (n) => ({ text: `  # k${n + 1} = 1` }),
  (n) => ({ text: `k${n} = 1 # k${n + 1} = 2`, path: [`k${n}`] }),
  (n) => ({ text: `k${n} = [ # [t${n + 1}]\n  "k${n + 1} = 1",\n\n  "]",\n]`, path: [`k${n}`] }),
  (n) => ({ text: `k${n} = """\nk${n + 1} = 1\n[t${n + 1}]\n"""`, path: [`k${n}`] }),
  (n) => ({ text: `k${n}.in . side = {deep = 1}`, path: [`k${n}`, 'in', 'side', 'deep'] }),
  (n) => ({ text: `"k.${n} = [" = '#'`, path: [`k.${n} = [`] }),
  (n) => ({ text: `\t[ t${n} ]`, path: [`t${n}`], isHeader: true }),
  (n) => ({ text: `[t${n}."in side"]`, path: [`t${n}`, 'in side'], isHeader: true }),
  (n) => ({ text: `[[t${n}]]`, path: [`t${n}`], isHeader: true }),
];

describe('the line of a key', () => {
  it('is found wherever the key stands', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...KINDS), { maxLength: 20 }), fc.constantFrom('\n', '\r\n'), (kinds, newline) => {
        const statements = kinds.map((kind, index) => kind(index));
        const text = statements.map((each) => each.text.replaceAll('\n', newline)).join(newline);
        parse(text);
        let line = 1;
        let table: readonly string[] = [];
        for (const statement of statements) {
          if (statement.isHeader) table = [];
          const path = statement.path && [...table, ...statement.path];
          if (path) expect([path, lineOfKey(text, path)]).toEqual([path, line]);
          if (statement.isHeader && path) table = path;
          line += statement.text.split('\n').length;
        }
      }),
    );
  });

  it('is the first that names a table, and none for a key that is not there', () => {
    const text = '\ufeff# top\n[a.b]\nc = 1\n[a]\nd.e = 2';
    expect([['a'], ['a', 'b'], ['a', 'b', 'c'], ['a', 'd'], ['a', 'd', 'e']].map((path) => lineOfKey(text, path))).toEqual([2, 2, 3, 5, 5]);
    expect([['c'], ['b'], ['a', 'c'], ['a', 'b', 'c', 'd'], ['toString'], []].map((path) => lineOfKey(text, path))).toEqual(Array(6).fill(undefined));
  });

  it('is a number or nothing for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'a=[]{}"\'.#\n\r 1,') }), fc.constantFrom('a', '1', '__proto__'), (text, key) => {
        const line = lineOfKey(text, [key]);
        if (line !== undefined) expect(text.split('\n')[line - 1]).toContain(key);
      }),
    );
  });
});
