import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { startDaemon } from '../support/daemon.ts';
import { freePort } from '../support/ports.ts';
import { assertNoFaults, PROGRAM, programEnv, startProgram } from '../support/program.ts';
import { programPath, skipUnless } from '../support/real-programs.ts';
import { scopeOf, type Scope } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { deployed } from './deployed.ts';
import { NGINX_MISSING, startNginx } from './nginx.ts';
import { askEverything, URI_MAP } from './questions.ts';

const run = promisify(execFile);
const missing = skipUnless('systemd-analyze', 'systemd-socket-activate');

/** Of `systemd-analyze security`: 0 is shut off, 10 is open. */
const MOST_EXPOSED = 2;

/** Both units in a folder, with the program that is tested. */
async function units(scope: Scope): Promise<{ readonly service: string; readonly socket: string }> {
  const folder = await tempFolder(scope);
  const [service, socket] = [path.join(folder, 'iipsrv.service'), path.join(folder, 'iipsrv.socket')];
  await writeFile(service, await deployed('systemd/iipsrv.service', { '/usr/local/bin/iipsrv': PROGRAM }));
  await writeFile(socket, await deployed('systemd/iipsrv.socket', {}));
  return { service, socket };
}

describe('systemd', () => {
  it('finds nothing wrong with the units', { skip: missing }, async (test) => {
    const { service, socket } = await units(scopeOf(test));
    const { stdout, stderr } = await run(programPath('systemd-analyze'), [
      'verify',
      '--man=no',
      service,
      socket,
    ]);
    assert.equal(stdout + stderr, '');
  });

  it('calls the service safe', { skip: missing }, async (test) => {
    const { service } = await units(scopeOf(test));
    const { stdout } = await run(programPath('systemd-analyze'), [
      'security',
      '--offline=yes',
      '--no-pager',
      service,
    ]);
    const [, exposure = 'none'] = /Overall exposure level for iipsrv\.service: ([\d.]+)/.exec(stdout) ?? [];
    assert.ok(Number(exposure) < MOST_EXPOSED, `exposure level: ${exposure}`);
  });

  it(
    'hands its socket to the program as the units say, and nginx gives what the program gives',
    { skip: missing === false ? NGINX_MISSING : missing, timeout: 300_000 },
    async (test) => {
      const scope = scopeOf(test);
      const port = await freePort();
      const settings = Object.entries(programEnv({ URI_MAP })).map(
        ([name, value]) => `--setenv=${name}=${value}`,
      );
      // What StandardInput=socket of a service does with the socket of its socket unit.
      const activation = startDaemon(scope, [
        programPath('systemd-socket-activate'),
        '--inetd',
        `--listen=127.0.0.1:${port}`,
        ...settings,
        process.execPath,
        PROGRAM,
      ]);
      await activation.waitUntilListening({ port });
      const { port: front } = await startNginx(scope, { upstream: { port }, isKeepingConnections: true });
      const { where } = await startProgram(scope, { env: { URI_MAP } });
      await askEverything(test, { port: front, direct: where });
      const { code } = await activation.stop();
      assert.equal(code, 0, activation.output);
      assertNoFaults(activation.output.replace(/^[^{].*$/gm, ''));
    },
  );
});
