import { describe, expect, it } from 'vitest';
import { auditThrough } from '../../../src/app/audit.ts';
import { FakeHost } from '../support/fake-host.ts';

/** vault under a file system with another mounted on it; a VG of its own beside it. */
function host(config: string): FakeHost {
  const host = new FakeHost();
  host.mount([host.disk()], '/');
  const vault = host.crypt(host.disk(), 'vault');
  host.mount([vault], '/srv/archive');
  host.mount([host.crypt(host.disk(), 'inner')], '/srv/archive/deep');
  host.mount([host.crypt(host.disk(), 'data')], '/srv/data');
  host.files.set('/etc/uninitramfs/uninitramfs.toml', config);
  return host;
}

const look = (config: string, targets: string[] = []) => {
  const { report, plan } = auditThrough(host(config).door(), targets);
  return { titles: plan.steps.filter(({ stage }) => stage === 'live').map(({ title }) => title), kept: [...plan.selection.kept], plan, report };
};

const DATA = ['unmount /srv/data', 'close LUKS2 data'];

describe('never_touch', () => {
  it.each(['["/srv/archive"]', '["vault"]', '["/srv/arch*"]', '["/dev/mapper/v*"]', '["/srv/archive/**"]'])(
    '%s: it is left with what stands on it and what it lies on',
    (globs) => {
      const { titles, report } = look(`never_touch = ${globs}`);
      for (const step of DATA) expect(titles).toContain(step);
      expect(titles).not.toContain('close LUKS2 vault');
      expect(titles).not.toContain('unmount /srv/archive');
      expect(report.findings.map(({ code }) => code)).toContain('never-touch');
    },
  );

  it('keeps what was asked for by name open, and says so', () => {
    expect(look('never_touch = ["/srv/archive/deep"]', ['/srv/archive'])).toMatchObject({ titles: [], kept: [expect.stringContaining('/srv/archive')] });
    expect(look('never_touch = ["/srv/archive/deep"]', ['/srv/data']).titles).toEqual(DATA);
  });

  it('touches nothing where it matches nothing', () => {
    expect(look('never_touch = ["/srv"]').titles).toEqual(look('').titles);
  });
});

it('bounds stretches every step', () => {
  const usual = look('').plan.steps.map(({ seconds }) => seconds);
  expect(look('bounds = 2.5').plan.steps.map(({ seconds }) => seconds)).toEqual(usual.map((seconds) => Math.ceil(seconds * 2.5)));
});
