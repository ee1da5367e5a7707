import { parse } from 'smol-toml';

/**
 * The line, counted from 1, on which a key of a TOML text begins; of a table its header, or what first names it.
 * @param path the key and the tables it is in, from the outside.
 * @returns undefined where the text does not have it, or is no TOML.
 */
export function lineOfKey(text: string, path: readonly string[]): number | undefined {
  let table: readonly string[] = [];
  for (const { line, tree, isHeader } of statements(text)) {
    if (isHeader) table = [];
    const inside = path.slice(table.length);
    if (inside.length > 0 && table.every((key, index) => key === path[index]) && has(tree, inside)) return line;
    if (isHeader) table = onlyPath(tree);
  }
  return undefined;
}

/** A statement ends with the line that makes it TOML: no beginning of one is. */
function* statements(text: string): Generator<{ line: number; tree: unknown; isHeader: boolean }> {
  const lines = text.split('\n');
  for (let first = 0, end = 0; first < lines.length; first = end) {
    let tree: unknown;
    while (tree === undefined && end < lines.length) tree = tryParse(`${lines.slice(first, ++end).join('\n')}\n`);
    if (tree === undefined) return;
    yield { line: first + 1, tree, isHeader: /^\s*\[/.test(lines[first] ?? '') };
  }
}

function tryParse(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

function has(tree: unknown, path: readonly string[]): boolean {
  let at = tree;
  for (const key of path) {
    const table = tableAt(at);
    if (!table || !Object.hasOwn(table, key)) return false;
    at = table[key];
  }
  return true;
}

/** Where a header leads. */
function onlyPath(tree: unknown): string[] {
  const path: string[] = [];
  for (let at = tableAt(tree); at; ) {
    const [key] = Object.keys(at);
    if (key === undefined) break;
    path.push(key);
    at = tableAt(at[key]);
  }
  return path;
}

/** A table, or the one that a header of an array of tables makes. */
function tableAt(value: unknown): Record<string, unknown> | undefined {
  const table = Array.isArray(value) ? value[0] : value;
  return typeof table === 'object' && table !== null ? table : undefined;
}
