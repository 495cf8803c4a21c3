/** Users without privileges, for tests that root may be running. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { PROGRAM } from './program.ts';

export interface User {
  readonly uid: number;
  readonly gid: number;
}

export const IS_ROOT = process.getuid?.() === 0;

/** A user of /etc/passwd. */
export function findUser(name: string): User | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

/**
 * For the option `skip` of a test that runs the program as another user: false when that user can, else the reason.
 * Nobody can be another user but root, so others run the program as themselves.
 */
export function skipUnlessRuns(name: string): string | false {
  if (!IS_ROOT) return false;
  const user = findUser(name);
  if (user === undefined) return `there is no user ${name}`;
  const { status } = spawnSync(process.execPath, [PROGRAM, '--version'], {
    ...user,
    cwd: '/',
    stdio: 'ignore',
  });
  return status === 0 ? false : `the user ${name} may not run the program, or not read where it is`;
}
