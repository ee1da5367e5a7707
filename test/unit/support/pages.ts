import { auditThrough } from '../../../src/app/audit.ts';
import { posture } from '../../../src/app/posture.ts';
import { renderDot } from '../../../src/render/dot.ts';
import { renderPage } from '../../../src/render/page.ts';
import { renderSvg } from '../../../src/render/svg.ts';
import { FakeHost } from './fake-host.ts';

const NAS = new URL('../../fixtures/nas/sysroot', import.meta.url).pathname;
export const { audited, report } = await posture({ sysroot: NAS, version: '1.2.3', date: new Date('2026-03-04T05:06:07Z'), hooks: '/nowhere' });

const EVIL = `<script>alert('1')</script>`;
const QUOTES = `"onload="x' &lt; \u001b[31m`;

/** A host all of whose names were chosen by somebody who means no good. */
function evilHost(): FakeHost {
  const host = new FakeHost(EVIL);
  host.mount([host.disk()], '/');
  host.mount([host.crypt(host.disk(), `${EVIL}--><title>`)], `/srv/${EVIL}${QUOTES}`);
  host.mount([host.lv([host.disk()], 'vg', '</title></svg><img src=x onerror=y>')], '/srv/]]>');
  host.files.set('/sys/block/dm-0/dm/suspended', '1\n');
  return host;
}

async function pageOf(made: typeof report, host: string): Promise<string> {
  return renderPage({
    audited: { ...audited, host, findings: made.findings },
    report: made,
    svg: await renderSvg(renderDot({ report: made, assembly: undefined })),
  });
}

export const NAS_PAGE = await pageOf(report, 'nas');
export const EVIL_PAGE = await pageOf(auditThrough(evilHost().door(), []).report, EVIL);
