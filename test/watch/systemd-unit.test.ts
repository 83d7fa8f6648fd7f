import { expect, test } from 'vitest';
import { systemdUnit } from '../../src/watch/systemd-unit.ts';
import { expectGolden } from '../support/golden.ts';

test('a unit leaves agents running when the watch ends, and quotes what systemd would read otherwise', () => {
  const unit = systemdUnit({
    workspace: 'support-desk',
    command: ['/usr/bin/node', '/opt/aac/bin/aac', 'watch', '/srv/my "agents"/100% $HOME', '--resync', '*/5 * * * *'],
    folder: '/srv/my agents/100%',
    environment: { PATH: '/usr/bin:/bin', AAC_STATE_DIR: '/var/lib/$x y' },
  });
  expect(unit).toContain('KillMode=process');
  expectGolden('watch/systemd-unit/quoted.txt', unit);
});
