import { expect, it } from 'vitest';
import { parseShown } from '../../../src/run/units.ts';

it('reads what systemctl shows of several units, with names quoted as newer systemd does and as older does not', () => {
  const shown = parseShown(String.raw`Id=dev-mapper-keys.device
BoundBy=
Requires=a.mount "dev-disk-by\\x2duuid-21ca.device" -.mount

Id=root-keys.mount
Requires=dev-disk-by\x2duuid-21ca.device`);
  expect(shown.map((unit) => Object.fromEntries(unit))).toEqual([
    { Id: ['dev-mapper-keys.device'], BoundBy: [], Requires: ['a.mount', String.raw`dev-disk-by\x2duuid-21ca.device`, '-.mount'] },
    { Id: ['root-keys.mount'], Requires: [String.raw`dev-disk-by\x2duuid-21ca.device`] },
  ]);
});
