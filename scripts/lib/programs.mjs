// The programs of others that tests run against: where they are, what brings them, how they tell their version.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

/** `needs` are files besides the program; `services` would be started at every boot and are not wanted. */
export const PROGRAMS = [
  { name: 'nginx', packages: ['nginx'], services: ['nginx'], version: ['-v'] },
  {
    name: 'apache2',
    needs: ['/usr/lib/apache2/modules/mod_fcgid.so'],
    // Not apache2, which is only the service.
    packages: ['apache2-bin', 'libapache2-mod-fcgid'],
    services: [],
    version: ['-v'],
  },
  { name: 'lighttpd', packages: ['lighttpd'], services: ['lighttpd'], version: ['-v'] },
  { name: 'systemd-analyze', packages: ['systemd'], services: [], version: ['--version'] },
  { name: 'openrc-run', packages: ['openrc'], services: [], version: ['--version'] },
  { name: 'spawn-fcgi', packages: ['spawn-fcgi'], services: [], version: ['-v'] },
  { name: 'wrk', packages: ['wrk'], services: [], version: ['-v'] },
  { name: 'memcached', packages: ['memcached'], services: ['memcached'], version: ['-V'] },
  // Its library is the decoder that JP2_DECODER=native asks for.
  { name: 'opj_decompress', packages: ['libopenjp2-tools', 'libopenjp2-7'], services: [], version: ['-h'] },
  { name: 'opj_compress', packages: ['libopenjp2-tools'], services: [], version: ['-h'] },
  { name: 'tiffcp', packages: ['libtiff-tools'], services: [], version: ['-h'] },
  { name: 'ojph_expand', packages: ['openjph-tools'], services: [], version: ['-h'] },
  { name: 'chromium', packages: ['chromium'], services: [], version: ['--version'] },
];

/** Debian keeps servers where ordinary users do not look. */
const FOLDERS = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];

/** The path of a program, undefined when it is not installed. */
export function find(name) {
  return FOLDERS.map((folder) => path.join(folder, name)).find((file) => existsSync(file));
}

/** Programs that are not there as tests need them. */
export function missingPrograms() {
  return PROGRAMS.filter(
    ({ name, needs = [] }) => find(name) === undefined || !needs.every((file) => existsSync(file)),
  );
}

/** The first line that a program says of its version. */
export function versionOf({ name, version }) {
  const file = find(name);
  if (file === undefined) return 'not installed';
  const { stdout, stderr } = spawnSync(file, version, { encoding: 'utf8' });
  return (
    `${stdout}\n${stderr}`
      .split('\n')
      .find((line) => /\d\.\d/.test(line))
      ?.trim() ?? 'of an unknown version'
  );
}
