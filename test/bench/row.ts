/** One line of docs/BENCHMARKS.md. */
export interface Row {
  readonly what: string;
  readonly ours: number;
  readonly other: number;
  readonly ratio: number;
  readonly goal: number;
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}
