import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { waitFor } from '../support/daemon.ts';
import { freePort } from '../support/ports.ts';
import { assertNoFaults, FIXTURES, parseLog, PROGRAM, startProgram } from '../support/program.ts';
import { skipUnless } from '../support/real-programs.ts';
import { scopeOf } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { IS_ROOT } from '../support/users.ts';
import { deployed, DEPLOY } from './deployed.ts';
import { NGINX_MISSING, startNginx } from './nginx.ts';
import { askEverything, URI_MAP } from './questions.ts';

const missing = skipUnless('openrc-run', 'supervise-daemon');
const skip = missing !== false ? missing : IS_ROOT ? NGINX_MISSING : 'services are started by root only';

/** OpenRC believes that the machine has started when this is there. */
const STARTED = '/run/openrc/softlevel';

describe('OpenRC', () => {
  it('starts, reloads and stops the program', { skip, timeout: 300_000 }, async (test) => {
    const scope = scopeOf(test);
    const folder = await tempFolder(scope, { isPublic: true });
    const name = `iipsrv-${process.pid}`;
    const [script, settings] = [path.join(folder, 'init.d', name), path.join(folder, 'conf.d', name)];
    for (const file of [script, settings]) await mkdir(path.dirname(file), { recursive: true });
    await copyFile(path.join(DEPLOY, 'openrc/iipsrv'), script);
    await chmod(script, 0o755);
    const port = await freePort();
    const log = path.join(folder, 'iipsrv.log');
    const places = `
iipsrv_program="${PROGRAM}"
iipsrv_pidfile="${folder}/iipsrv.pid"
`;
    const text = await deployed('openrc/iipsrv.confd', {
      '#iipsrv_bind="127.0.0.1:9000"': `iipsrv_bind="127.0.0.1:${port}"`,
      '#iipsrv_log="/var/log/iipsrv.log"': `iipsrv_log="${log}"`,
      '/srv/images/': FIXTURES,
    });
    await writeFile(settings, text + places);
    if (!existsSync(STARTED)) {
      await mkdir(path.dirname(STARTED), { recursive: true });
      await writeFile(STARTED, '');
    }
    const rc = (command: string) => promisify(execFile)(script, ['--nodeps', command]);
    const logged = async (wanted: string) =>
      parseLog(await readFile(log, 'utf8')).find(({ msg }) => msg === wanted);

    await rc('start');
    scope.defer(async () => void (await rc('stop').catch(() => undefined)));
    await waitFor(async () => (await logged('iipsrv serves')) !== undefined, 'it serves');
    assert.match((await rc('status')).stdout, /started/);
    const { port: front } = await startNginx(scope, { upstream: { port }, isKeepingConnections: false });
    const { where } = await startProgram(scope, { env: { URI_MAP } });
    await askEverything(test, { port: front, direct: where });
    await rc('reload');
    await waitFor(
      async () => (await logged('caches emptied, log reopened')) !== undefined,
      'it has reloaded',
    );
    await rc('stop');
    await waitFor(async () => (await logged('iipsrv stops')) !== undefined, 'it has stopped');
    assert.equal((await logged('iipsrv stops'))?.['outcome'], 'drained');
    assertNoFaults(await readFile(log, 'utf8'));
  });
});
