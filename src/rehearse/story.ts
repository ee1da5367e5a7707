import type { Rehearsed } from '../model/rehearsal.ts';

/** Everything that was done, told as it ends and remembered. */
export interface Story {
  readonly steps: readonly Rehearsed[];
  tell(told: Rehearsed): void;
  /** Tells how long something took, once it has succeeded. */
  timed<T>(title: string, what: () => Promise<T>): Promise<T>;
}

export function beginStory(listen: (told: Rehearsed) => void): Story {
  const steps: Rehearsed[] = [];
  const tell = (told: Rehearsed): void => {
    steps.push(told);
    listen(told);
  };
  return {
    steps,
    tell,
    timed: async (title, what) => {
      const begun = performance.now();
      const result = await what();
      tell({ title, seconds: (performance.now() - begun) / 1000 });
      return result;
    },
  };
}
