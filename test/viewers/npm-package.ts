/** A package that only a test needs, without the hundreds that it depends on: one file out of it, checked. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Scope } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';

const run = promisify(execFile);

export interface PackageFile {
  /** As `name@version`. */
  readonly of: string;
  /** Of the package, as package-lock.json has them: `sha512-…`. */
  readonly integrity: string;
  /** Inside the package. */
  readonly file: string;
}

/**
 * The text of the file, fetched from the npm registry.
 *
 * @returns undefined when the registry cannot be reached.
 * @throws Error when the package is another than it was.
 */
export async function packageFile(scope: Scope, wanted: PackageFile): Promise<string | undefined> {
  const folder = await tempFolder(scope);
  const packed = await run('npm', ['pack', wanted.of, '--silent', '--prefer-offline'], {
    cwd: folder,
    timeout: 120_000,
  }).catch(() => undefined);
  if (packed === undefined) return undefined;
  const archive = path.join(folder, packed.stdout.trim());
  const digest = `sha512-${createHash('sha512')
    .update(await readFile(archive))
    .digest('base64')}`;
  if (digest !== wanted.integrity) throw new Error(`${wanted.of} is not the package that it was: ${digest}`);
  await run('tar', ['-xzf', archive, `package/${wanted.file}`], { cwd: folder });
  return readFile(path.join(folder, 'package', wanted.file), 'utf8');
}
