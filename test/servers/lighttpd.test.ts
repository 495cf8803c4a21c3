import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { startDaemon } from '../support/daemon.ts';
import { freePort } from '../support/ports.ts';
import { assertNoFaults, FIXTURES, PROGRAM, startProgram } from '../support/program.ts';
import { programPath, skipUnless } from '../support/real-programs.ts';
import { scopeOf, type Scope } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { deployed } from './deployed.ts';
import { askEverything, URI_MAP } from './questions.ts';
import { readFile } from 'node:fs/promises';

const options = { skip: skipUnless('lighttpd'), timeout: 300_000 };

describe('lighttpd', () => {
  it('starts the program itself and gives what it gives', options, async (test) => {
    const scope = scopeOf(test);
    const folder = await tempFolder(scope);
    const log = path.join(folder, 'iipsrv.log');
    scope.defer(async () => assertNoFaults(await readFile(log, 'utf8')));
    const { where } = await startProgram(scope, { env: { URI_MAP } });
    const site = await deployed('lighttpd/iipsrv-started-by-lighttpd.conf', {
      '/usr/local/bin/iipsrv': PROGRAM,
      '/srv/images/': FIXTURES,
      '/var/log/lighttpd/iipsrv.log': log,
      '/run/lighttpd/iipsrv': path.join(folder, 'socket'),
    });
    await askEverything(test, { port: await start(scope, folder, site), direct: where });
  });

  it('in front of a running program gives what that gives', options, async (test) => {
    const scope = scopeOf(test);
    const port = await freePort();
    const { where } = await startProgram(scope, { where: { port }, env: { URI_MAP } });
    const site = await deployed('lighttpd/iipsrv-started-on-its-own.conf', {
      '"port" => 9000': `"port" => ${port}`,
    });
    await askEverything(test, { port: await start(scope, await tempFolder(scope), site), direct: where });
  });
});

/** Runs until the scope ends. @returns its port. */
async function start(scope: Scope, folder: string, site: string): Promise<number> {
  const port = await freePort();
  const file = path.join(folder, 'lighttpd.conf');
  const surroundings = `
server.bind = "127.0.0.1"
server.port = ${port}
server.document-root = "${folder}"
server.errorlog = "${folder}/error.log"
`;
  await writeFile(file, surroundings + site);
  const daemon = startDaemon(scope, [programPath('lighttpd'), '-D', '-f', file]);
  await daemon.waitUntilListening({ port });
  return port;
}
