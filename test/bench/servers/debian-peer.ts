/** The server that ours is compared with when no other is named: Debian's iipimage-server. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Contender } from './contender.ts';

const PACKAGE = 'iipimage-server';
const PROGRAM = '/usr/lib/iipimage-server/iipsrv.fcgi';

/** Installs it where that is allowed; `undefined`, after saying why, where there is none. */
export function findDebianPeer(tell: (line: string) => void): Contender | undefined {
  if (!existsSync(PROGRAM)) install(tell);
  if (!existsSync(PROGRAM)) {
    tell(
      `There is no peer: ${PACKAGE} is not installed and cannot be installed here. Only our own numbers follow.`,
    );
    return undefined;
  }
  return {
    name: `${PACKAGE} ${versionOf()}`,
    command: PROGRAM,
    // Else it would ask a memcached that happens to run on this machine.
    environment: { MEMCACHED_SERVERS: '127.0.0.1:1' },
    // Release 1.1 counts bands from 1, 1.3 from 0.
    spell: (uri) => uri.replace(/(?<=MINMAX=)\d+/g, (band) => String(Number(band) + 1)),
  };
}

function install(tell: (line: string) => void): void {
  if (process.getuid?.() !== 0 || output('sh', ['-c', 'command -v apt-get']) === '') return;
  tell(`installing ${PACKAGE}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  for (const step of [['update'], ['install', '-y', '--no-install-recommends', PACKAGE]]) {
    spawnSync('apt-get', ['-qq', ...step], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  }
}

/** The release, without Debian's own counting. */
function versionOf(): string {
  return output('dpkg-query', ['-W', '-f', '${Version}', PACKAGE]).replace(/-.*$/, '');
}

const output = (command: string, args: readonly string[]): string =>
  spawnSync(command, args, { encoding: 'utf8' }).stdout.trim();
