// Installs the programs that tests run against, from Debian's packages, where it may: as root or by sudo without a
// password. What cannot be installed is said; the tests that need it then say that they were skipped.
import { spawnSync } from 'node:child_process';
import { find, missingPrograms } from './lib/programs.mjs';

/**
 * Packages, then services. Services are neither started now (by init scripts: RUNLEVEL; by systemd: policy-rc.d) nor
 * at the next boot.
 */
const SCRIPT = `
  export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
  policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    trap 'rm -f $policy' EXIT
    printf '#!/bin/sh\\nexit 101\\n' > $policy && chmod 755 $policy
  fi
  apt-get -qq update
  apt-get -qq install -y --no-install-recommends $1 || exit 1
  if [ -d /run/systemd/system ] && [ -n "$2" ]; then systemctl -q disable $2; fi
`;

const missing = missingPrograms();
if (missing.length > 0) install(missing);

function install(programs) {
  const names = programs.map(({ name }) => name).join(', ');
  const prefix = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  if (!mayInstall(prefix)) {
    console.log(`Not installed, and this user may not install them: ${names}. Their tests will be skipped.`);
    return;
  }
  const packages = programs.flatMap((program) => program.packages);
  const services = programs.flatMap((program) => program.services);
  console.log(`Installing ${packages.join(' ')} for the tests …`);
  const [command, ...args] = [...prefix, 'sh', '-c', SCRIPT, 'setup', packages.join(' '), services.join(' ')];
  const { status } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const still = missingPrograms().map(({ name }) => name);
  if (status === 0 && still.length === 0) return;
  console.log(`Could not be installed: ${still.join(', ')}. Their tests will be skipped.`);
}

function mayInstall(prefix) {
  if (find('apt-get') === undefined) return false;
  return prefix.length === 0 || spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0;
}
