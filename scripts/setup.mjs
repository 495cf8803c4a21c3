// Installs the programs that tests run against, from Debian's packages, where it may: as root or by sudo without a
// password. What cannot be installed is said; the tests that need it then say that they were skipped.
import { spawnSync } from 'node:child_process';

/** Program → the packages that bring it. */
const PROGRAMS = {
  nginx: ['nginx'],
  apache2: ['apache2', 'libapache2-mod-fcgid'],
  lighttpd: ['lighttpd'],
  'spawn-fcgi': ['spawn-fcgi'],
  chromium: ['chromium'],
};

const has = (program) =>
  spawnSync('sh', ['-c', `PATH="$PATH:/usr/sbin:/sbin" command -v ${program}`], { stdio: 'ignore' })
    .status === 0;

const missing = Object.keys(PROGRAMS).filter((program) => !has(program));
if (missing.length > 0) install(missing);

function install(programs) {
  const prefix = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const mayInstall =
    has('apt-get') &&
    (prefix.length === 0 || spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0);
  if (!mayInstall) {
    console.log(
      `Not installed, and this user may not install them: ${programs.join(', ')}. Their tests will be skipped.`,
    );
    return;
  }
  const packages = programs.flatMap((program) => PROGRAMS[program]);
  console.log(`Installing ${packages.join(' ')} for the tests …`);
  // RUNLEVEL=1 keeps the packages from starting their services.
  const aptGet = (...args) => {
    const [command, ...rest] = [
      ...prefix,
      'env',
      'DEBIAN_FRONTEND=noninteractive',
      'RUNLEVEL=1',
      'apt-get',
      '-qq',
      ...args,
    ];
    return spawnSync(command, rest, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
  };
  if (!aptGet('update') || !aptGet('install', '-y', '--no-install-recommends', ...packages)) {
    console.log('Some programs could not be installed; their tests will be skipped.');
  }
}
