/**
 * Leaves out of a failing list whatever it fails without as well, one by one, until each that is left is needed or `tries` are used up.
 * @returns a list that fails.
 */
export async function shrink<T>(list: readonly T[], fails: (shorter: readonly T[]) => Promise<boolean>, tries: number): Promise<readonly T[]> {
  let smallest = list;
  let left = tries;
  for (let changed = true; changed; ) {
    changed = false;
    // From the end: what was put on last is carried by nothing.
    for (let index = smallest.length - 1; index >= 0 && smallest.length > 1; index--) {
      if (left-- <= 0) return smallest;
      const shorter = smallest.filter((_, each) => each !== index);
      if (!(await fails(shorter))) continue;
      smallest = shorter;
      changed = true;
    }
  }
  return smallest;
}
