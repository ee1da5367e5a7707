import { z } from 'zod';
import { WIPE_LEVELS } from './config.ts';
import { finding } from './report.ts';

/**
 * What `uninitramfs audit --json` prints. Stable within a `schema` number: fields are only added. As with the report, the JSON Schema
 * in the package comes from here, and nothing at run time loads it.
 */
const mark = z
  .enum(['good', 'note', 'warning', 'critical', 'unknown'])
  .describe('note: worth knowing, nothing to do. unknown: this user cannot see it, or this reading does not tell');

const answer = z.strictObject({
  about: z.string().describe('What it is about: closed, stays, condition; suspended, network, busy; exitrd, files, memory'),
  mark,
  text: z.string(),
});

const count = z.number().int();

export const auditSchema = z.strictObject({
  schema: z.literal(1),
  host: z.string(),
  version: z.string().describe('Of the program'),
  date: z.string().describe('ISO 8601'),
  posture: z.strictObject({
    data: z.array(answer).describe('Will everything be closed'),
    hang: z.array(answer).describe('What could hold a shutdown up'),
    keys: z.array(answer).describe('Who could get at keys'),
  }),
  counts: z.strictObject({
    nodes: z.record(z.string(), count).describe('By kind, as in the report'),
    steps: z.strictObject({ live: count, exitrd: count }),
    staysOpen: count.describe('What will still be open when the power goes'),
    keyfileDevicesOpen: count,
    suspended: count,
    networkMounts: count,
    busy: count.describe('Mounts and devices that a process uses'),
    findings: z.strictObject({ critical: count, warning: count, info: count }),
  }),
  exitrd: z.strictObject({
    state: z.enum(['ours', 'other', 'missing', 'not-needed']).describe('Whose exitrd the next shutdown enters'),
    newSincePlan: count.nullable().describe('How many things are there that its plan was not made for; null where that cannot be told'),
  }),
  wipe: z.strictObject({
    level: z.enum(WIPE_LEVELS),
    from: z.string().describe('FILE:LINE, /proc/cmdline, the installed exitrd, or default'),
  }),
  rehearsal: z
    .strictObject({
      date: z.string().describe('ISO 8601'),
      phase: z.string(),
      ok: z.boolean(),
      verdict: z.string(),
      changes: z.array(z.string()).describe('What is different since, so that it speaks of another host'),
    })
    .nullable()
    .describe('The last one of this host; null where none is known'),
  last: z.strictObject({ mark, text: z.string() }).describe('How the last shutdown went, by the receipt that its exitrd left'),
  findings: z.array(finding).describe('As in the report, and those that only an audit looks for'),
});

export type Audited = z.infer<typeof auditSchema>;
export type Answer = z.infer<typeof answer>;
export type Mark = z.infer<typeof mark>;
