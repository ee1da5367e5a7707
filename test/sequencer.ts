import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Their host is the last to be there: the modules of ZFS are compiled for it, beside the others. */
const LATE = /\/(zfs|zfs-mirror|network)\.test\.ts$/;

/** As vitest has it, but the late ones last. */
export class LateLast extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return [...sorted.filter(({ moduleId }) => !LATE.test(moduleId)), ...sorted.filter(({ moduleId }) => LATE.test(moduleId))];
  }
}
