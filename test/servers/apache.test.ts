import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { startDaemon } from '../support/daemon.ts';
import { freePort } from '../support/ports.ts';
import { assertNoFaults, FIXTURES, PROGRAM, startProgram } from '../support/program.ts';
import { programPath, skipUnless } from '../support/real-programs.ts';
import { scopeOf, type Scope } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { IS_ROOT, skipUnlessRuns } from '../support/users.ts';
import { deployed } from './deployed.ts';
import { askEverything, URI_MAP } from './questions.ts';

const MODULES = '/usr/lib/apache2/modules';
const USER = 'www-data';

const missing = skipUnless('apache2', `${MODULES}/mod_fcgid.so`);
// Apache does not serve as root.
const skip = missing === false ? skipUnlessRuns(USER) : missing;

describe('Apache', () => {
  it(
    'starts the program itself with mod_fcgid and gives what it gives',
    { skip, timeout: 300_000 },
    async (test) => {
      const scope = scopeOf(test);
      const folder = await tempFolder(scope, { isPublic: true });
      const log = path.join(folder, 'iipsrv.log');
      scope.defer(async () => assertNoFaults(await readFile(log, 'utf8')));
      const { where } = await startProgram(scope, { env: { URI_MAP } });
      const site = await deployed('apache/iipsrv-fcgid.conf', {
        '/usr/local/bin/iipsrv': PROGRAM,
        '/srv/images/': FIXTURES,
        '/var/log/apache2/iipsrv.log': log,
        '/usr/local/bin:/usr/bin:/bin': `${path.dirname(process.execPath)}:/usr/bin:/bin`,
      });
      await askEverything(test, { port: await start(scope, folder, site), direct: where });
    },
  );

  for (const place of ['a port', 'a UNIX socket']) {
    it(
      `in front of a program on ${place}, with mod_proxy_fcgi, gives what that gives`,
      { skip, timeout: 300_000 },
      async (test) => {
        const scope = scopeOf(test);
        const folder = await tempFolder(scope, { isPublic: true });
        const port = await freePort();
        const socket = path.join(folder, 'iipsrv.sock');
        const isPort = place === 'a port';
        const { where } = await startProgram(scope, {
          where: isPort ? { port } : { path: socket },
          env: { URI_MAP },
        });
        if (!isPort) await chmod(socket, 0o666);
        const site = await deployed(
          'apache/iipsrv-proxy.conf',
          isPort
            ? { '127.0.0.1:9000': `127.0.0.1:${port}` }
            : {
                'SetHandler "proxy:fcgi://127.0.0.1:9000/"': '',
                '# SetHandler': 'SetHandler',
                '/run/iipsrv/iipsrv.sock': socket,
              },
        );
        await askEverything(test, { port: await start(scope, folder, site), direct: where });
      },
    );
  }
});

/** Runs until the scope ends. @returns its port. */
async function start(scope: Scope, folder: string, site: string): Promise<number> {
  const port = await freePort();
  const file = path.join(folder, 'apache2.conf');
  await writeFile(file, surroundings(folder, port) + site);
  await chmod(file, 0o644);
  const daemon = startDaemon(scope, [programPath('apache2'), '-D', 'FOREGROUND', '-f', file]);
  await daemon.waitUntilListening({ port });
  return port;
}

function surroundings(folder: string, port: number): string {
  const modules = ['mpm_event', 'authz_core', 'env', 'fcgid', 'proxy', 'proxy_fcgi'];
  return `
ServerRoot "${folder}"
ServerName 127.0.0.1
Listen 127.0.0.1:${port}
PidFile "${folder}/apache2.pid"
ErrorLog "${folder}/error.log"
DefaultRuntimeDir "${folder}"
Mutex file:${folder} default
${modules.map((name) => `LoadModule ${name}_module "${MODULES}/mod_${name}.so"`).join('\n')}
${IS_ROOT ? `User ${USER}\nGroup ${USER}` : ''}
DocumentRoot "${folder}"
FcgidIPCDir "${folder}/sockets"
FcgidProcessTableFile "${folder}/processes"
`;
}
