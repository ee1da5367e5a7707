import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { assemblyOrder } from '../../../src/app/assembly.ts';
import { audit } from '../../../src/app/audit.ts';
import { reportSchema } from '../../../src/model/report.ts';
import { renderText } from '../../../src/render/text.ts';

const FIXTURES = new URL('../../fixtures/', import.meta.url).pathname;
const hosts = readdirSync(FIXTURES);
const sysroot = (host: string) => `${FIXTURES}${host}/sysroot`;
const plain = (_style: unknown, text: string) => text;

/** Captured hosts against golden plans. To accept a change: npm run fixtures:golden, and read the difference. */
describe.each(hosts)('%s', (host) => {
  it('has the golden plan', async () => {
    await expect(renderText(audit(sysroot(host), []).report, plain)).toMatchFileSnapshot(`${FIXTURES}${host}/plan.txt`);
  });

  it('has the golden order of assembly', async () => {
    const { report, graph, src } = audit(sysroot(host), []);
    const lines = assemblyOrder(report, graph, src).map((step) => step.title);
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`${FIXTURES}${host}/assembly.txt`);
  });

  it('gives a report that the shipped JSON Schema accepts', () => {
    const { report } = audit(sysroot(host), []);
    const validate = new Ajv2020().compile(z.toJSONSchema(reportSchema));
    expect(validate(JSON.parse(JSON.stringify(report))) || validate.errors).toBe(true);
  });
});

describe('nas', () => {
  const titles = (target: string) => audit(sysroot('nas'), [target]).report.steps.map((step) => step.title);

  it('closes for /srv/main_backup the three bak devices and nothing else', () => {
    expect(titles('/srv/main_backup').sort()).toEqual(['close LUKS2 bak00', 'close LUKS2 bak01', 'close LUKS2 bak02', 'unmount /srv/main_backup']);
  });

  it.each(['/dev/mapper/bak01', 'bak01', '/dev/dm-9'])('knows %s, and what stands on it', (target) => {
    expect(titles(target)).toContain('unmount /srv/main_backup');
  });

  it('knows a disk by what udev calls it', () => {
    const links = readFileSync(`${sysroot('nas')}/run/udev/data/b8:5`, 'utf8').match(/(?<=^S:).*/gm) ?? [];
    expect(links.length).toBeGreaterThan(2);
    for (const link of links) expect(titles(`/dev/${link}`)).toEqual(['unmount /srv/main_backup', 'close LUKS2 bak00']);
  });

  it('closes keys for its mount point, and both mounts of it', () => {
    expect(titles('keys').sort()).toEqual(['close LUKS2 keys', 'unmount /root/keys/disk00', 'unmount /root/keys/source']);
  });

  it('says what keeps keys open when only one of its mounts goes', () => {
    const { report } = audit(sysroot('nas'), ['/root/keys/source']);
    expect(report.steps.map((step) => step.title)).toEqual(['unmount /root/keys/source']);
    expect(report.findings.find((finding) => finding.code === 'stays-open')?.text).toBe('keys stays open: /root/keys/disk00 uses it too');
  });

  it('names the root device without x-initrd.attach, and the keyfile device with what it opens', () => {
    const codes = audit(sysroot('nas'), []).report.findings.map((finding) => `${finding.code} ${finding.node}`);
    expect(codes).toContain('crypttab-no-initrd-attach dev:dm-11');
    expect(codes.filter((code) => code.startsWith('keyfile-device-open'))).toHaveLength(1);
  });

  it.each([
    ['/nowhere', /is not a mount point/],
    ['/srv/main_backup/photos', /it lies on \/srv\/main_backup/],
    ['/dev/nothing', /no open block device/],
    ['nothing', /nothing here is called "nothing"/],
    ['', /empty TARGET/],
  ])('refuses the target %j with a way out', (target, message) => {
    expect(() => audit(sysroot('nas'), [target])).toThrow(message);
  });
});

describe('a folder that is no capture', () => {
  it('is refused by name', () => {
    expect(() => audit('/nonexistent', [])).toThrow(/\/nonexistent\/proc\/self\/mountinfo cannot be read/);
  });
});
