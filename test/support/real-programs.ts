/** Programs of others that tests run against; a test whose program is missing is skipped by name. */
import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';

/** Debian keeps servers where ordinary users do not look. */
const FOLDERS = [
  ...(process.env['PATH'] ?? '').split(path.delimiter),
  '/usr/local/sbin',
  '/usr/sbin',
  '/sbin',
];

/** The path of an executable, undefined when it is not installed. */
export function findProgram(name: string): string | undefined {
  return FOLDERS.map((folder) => path.join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The path of an executable that is there. @throws Error when it is not. */
export function programPath(name: string): string {
  const found = findProgram(name);
  if (found === undefined) throw new Error(`${name} is not installed`);
  return found;
}

/** For the option `skip` of a test: false when all are installed, else the reason. Paths are files that must exist. */
export function skipUnless(...names: readonly string[]): string | false {
  const missing = names.filter((name) =>
    name.startsWith('/') ? !existsSync(name) : findProgram(name) === undefined,
  );
  return missing.length === 0 ? false : `not installed: ${missing.join(', ')}`;
}
