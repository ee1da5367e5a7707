import { z } from 'zod';

/**
 * What `--json` prints, of a dry run and of a live run. Stable within a `schema` number: fields are only added. This file
 * is where the JSON Schema in the package comes from; nothing at run time loads it.
 */
const node = z
  .strictObject({
    id: z.string().describe('Unique in this report; prefixed with its namespace'),
    kind: z
      .string()
      .describe(
        'The layer: disk, partition, md, crypt, integrity, verity, lvm, vdo, stratis, dm, multipath, loop, btrfs, bcachefs, bcache, bcache-set, zpool, zvol, swap, zram, mount, automount, unknown',
      ),
    name: z.string().describe('What an administrator calls it: mapper name, VG/LV, md0, mount point'),
    kname: z.string().nullable().describe("The kernel's name of the block device, null when it is none"),
    path: z.string(),
    below: z.array(z.string()).describe('Ids of what it lies on directly'),
    mountpoints: z.array(z.string()).describe('Where it is mounted, for a member of a btrfs too'),
    facts: z.record(z.string(), z.string()).describe('More words, by layer: type, level, vg, fstype'),
    pinned: z.boolean().describe('It backs /, /usr or the running program, so only the exitrd can close it'),
    selected: z.boolean().describe('This teardown closes it'),
  })
  .describe('Something in the stack');

const step = z
  .strictObject({
    id: z.string(),
    title: z.string(),
    stage: z.enum(['live', 'exitrd']),
    node: z.string().describe('The id of the node it is about'),
    closes: z.array(z.string()).describe('Ids of all nodes that are closed once it is done'),
    needs: z.array(z.string()).describe('Ids of steps that must have succeeded before. Any order that respects this is safe'),
    commands: z.array(z.array(z.string())).describe('What it stands for: argument vectors; ["write", PATH, TEXT] is a write to sysfs'),
    seconds: z.number().describe('Its bound'),
    onFail: z.enum(['stop', 'go-on']),
  })
  .describe('One thing to do');

export const finding = z
  .strictObject({
    code: z.string(),
    severity: z.enum(['info', 'warning', 'critical']),
    text: z.string(),
    fix: z.string(),
    node: z.string().optional(),
  })
  .describe('Something an administrator should know');

const result = z
  .strictObject({
    step: z.string(),
    outcome: z
      .enum(['done', 'already', 'failed', 'abandoned', 'skipped'])
      .describe(
        'already: nothing was left to do. abandoned: it hung beyond its bound and was left behind. skipped: not tried, because something it needs was not closed',
      ),
    seconds: z.number(),
    error: z.string().optional(),
  })
  .describe('What became of a step in a live run');

export const reportSchema = z.strictObject({
  schema: z.literal(1),
  host: z.string(),
  nodes: z.array(node),
  steps: z.array(step).describe('In an order that is safe; live ones first'),
  findings: z.array(finding),
  results: z.array(result).optional().describe('Live runs only'),
  left: z.array(z.string()).optional().describe('Live runs only: ids of nodes that should be closed and, read again afterwards, are not'),
});

export type Report = z.infer<typeof reportSchema>;
export type ReportNode = z.infer<typeof node>;
export type ReportStep = z.infer<typeof step>;
export type StepResult = z.infer<typeof result>;
