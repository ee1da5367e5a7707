import { existsSync } from 'node:fs';
import { helperProgram, hooksFolder } from '../exitrd/hooks.ts';
import { exitrdState } from '../findings/exitrd.ts';
import { exitrdPlanFindings, newSincePlan } from '../findings/exitrd-plan.ts';
import { keyfileDeviceFindings } from '../findings/keyfile-device.ts';
import type { Looked } from '../findings/looked.ts';
import { networkFindings, networkMounts } from '../findings/network.ts';
import { postureOf } from '../findings/posture.ts';
import { openAtTheEnd } from '../findings/posture-data.ts';
import { suspendedFindings } from '../findings/posture-hang.ts';
import { receiptFindings } from '../findings/receipt.ts';
import { changesSince } from '../findings/rehearsal.ts';
import { type Wipe, wipeFindings, wipeInForce } from '../findings/wipe.ts';
import type { Audited } from '../model/audit.ts';
import { type Config, DEFAULTS } from '../model/config.ts';
import { isUserError } from '../model/errors.ts';
import type { Finding } from '../model/finding.ts';
import { groupBy } from '../model/group-by.ts';
import { NO_RECEIPT } from '../model/receipt.ts';
import type { Report } from '../model/report.ts';
import type { Door } from '../model/sources.ts';
import { keyfileDevices } from '../plan/keyfiles.ts';
import { findReceiptPlace } from '../plan/receipt.ts';
import { readRecord } from '../sources/rehearsal-record.ts';
import { type Audit, audit, rehearsalTerms } from './audit.ts';
import { configInForce } from './config.ts';
import { lastThrough } from './last.ts';
import { stateOf } from './state.ts';

export interface Posture {
  readonly audited: Audited;
  /** The stack and the steps, for a picture. */
  readonly report: Report;
}

export interface PostureOptions {
  readonly sysroot: string | undefined;
  /** Of this program. */
  readonly version: string;
  readonly date: Date;
  /** The folder shutdown-hooks/ of this program. */
  readonly hooks?: string;
}

/**
 * Reads a host (or a capture) and answers what its owner fears: what a teardown's report says, and beside it the exitrd, the
 * configuration and the last rehearsal. Touches nothing, and does not wait for a server that may be dead.
 * @throws UserError for a host that cannot be read.
 */
export async function posture({ sysroot, version, date, hooks = hooksFolder() }: PostureOptions): Promise<Posture> {
  const { config, configured, broken } = settingsOf(sysroot);
  const listed = config.keyfile_devices;
  const read = audit(sysroot, [], config);
  const { src, graph, plan, report } = read;
  const { door } = src;
  const exitrd = exitrdState(graph, src);
  const news = exitrd === 'ours' ? newSincePlan(door, await stateOf(sysroot, hooks)) : undefined;
  const mounts = networkMounts(src);
  const known = new Set(report.findings.map(({ code, node }) => `${code} ${node}`));
  const findings = [
    ...report.findings,
    ...broken,
    ...(exitrd === 'ours' ? [...exitrdPlanFindings(door, news), ...wipeFindings(door, configured)] : []),
    ...keyfileDeviceFindings(src, graph, listed).filter(({ code, node }) => !known.has(`${code} ${node}`)),
    ...networkFindings(mounts),
    ...receiptFindings(findReceiptPlace(config.receipt, src, graph, existsSync(helperProgram()))),
  ].sort((a, b) => ORDER[a.severity] - ORDER[b.severity]);
  const wipe = wipeInForce(door, configured);
  const looked: Looked = { ...read, findings, exitrd, newSincePlan: news?.length, wipe, networkMounts: mounts };
  const record = readRecord(door);
  const audited: Audited = {
    schema: 1,
    host: report.host,
    version,
    date: date.toISOString(),
    posture: postureOf(looked),
    counts: {
      ...countsOf(read, findings),
      staysOpen: openAtTheEnd(graph, plan, exitrd),
      keyfileDevicesOpen: keyfileDevices(src, graph, listed).length,
      networkMounts: mounts.length,
    },
    exitrd: { state: exitrd, newSincePlan: news?.length ?? null },
    wipe,
    rehearsal: record
      ? { date: record.date, phase: record.phase, ok: record.ok, verdict: record.verdict, changes: changesSince(record, rehearsalTerms(graph, door)) }
      : null,
    last: lastOf(door, config.receipt),
    findings,
  };
  return { audited, report: { ...report, findings } };
}

/** By the receipt alone: an audit does not read a boot's whole log. */
function lastOf(door: Door, setting: string): Audited['last'] {
  const { from, mark, text, noReceipt } = lastThrough(door, setting, () => undefined);
  if (from === 'receipt') return { mark: ({ good: 'good', bad: 'warning', unknown: 'unknown' } as const)[mark], text };
  return { mark: setting === NO_RECEIPT ? 'note' : 'unknown', text: `no receipt: ${noReceipt}` };
}

/** Worst first. */
const ORDER = { critical: 0, warning: 1, info: 2 };

function countsOf(
  { graph, plan, holders }: Audit,
  findings: readonly Finding[],
): Omit<Audited['counts'], 'staysOpen' | 'keyfileDevicesOpen' | 'networkMounts'> {
  const live = plan.steps.filter((step) => step.stage === 'live').length;
  const bySeverity = (severity: Finding['severity']) => findings.filter((each) => each.severity === severity).length;
  return {
    nodes: Object.fromEntries([...groupBy(graph.nodes, ({ kind }) => kind)].map(([kind, nodes]) => [kind, nodes.length])),
    steps: { live, exitrd: plan.steps.length - live },
    suspended: suspendedFindings(findings).length,
    busy: new Set(holders.map(({ node }) => node)).size,
    findings: { critical: bySeverity('critical'), warning: bySeverity('warning'), info: bySeverity('info') },
  };
}

/** An audit has to tell of a broken configuration, and of everything else too. */
function settingsOf(sysroot: string | undefined): { config: Config; configured: Wipe; broken: Finding[] } {
  try {
    const settings = configInForce(sysroot);
    const config = Object.fromEntries(settings.map(({ key, value }) => [key, value])) as unknown as Config;
    return { config, configured: { level: config.wipe, from: settings.find(({ key }) => key === 'wipe')?.from ?? 'default' }, broken: [] };
  } catch (error) {
    if (!isUserError(error)) throw error;
    const finding: Finding = {
      code: 'config-broken',
      severity: 'warning',
      text: `${error.message}. Until then the defaults hold`,
      fix: 'put it right; uninitramfs config says whether it is',
    };
    return { config: DEFAULTS, configured: { level: DEFAULTS.wipe, from: 'default' }, broken: [finding] };
  }
}
