import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { isListening, waitFor } from '../support/daemon.ts';
import type { Where } from '../support/fcgi-client.ts';
import { freePort } from '../support/ports.ts';
import { assertNoFaults, FIXTURES, parseLog, PROGRAM, startProgram } from '../support/program.ts';
import { skipUnless } from '../support/real-programs.ts';
import { scopeOf, type Scope } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { DEPLOY } from './deployed.ts';
import { NGINX_MISSING, startNginx } from './nginx.ts';
import { askEverything, URI_MAP } from './questions.ts';

const missing = skipUnless('spawn-fcgi');
const options = { skip: missing === false ? NGINX_MISSING : missing, timeout: 300_000 };

describe('spawn-fcgi', () => {
  it('hands a TCP port to the program, and nginx gives what the program gives', options, async (test) => {
    const port = await freePort();
    await check(test, 'iipsrv-tcp.sh', { PORT: String(port) }, { port });
  });

  it('hands a UNIX socket to the program, and nginx gives what the program gives', options, async (test) => {
    const scope = scopeOf(test);
    const socket = path.join(await tempFolder(scope), 'iipsrv.sock');
    await check(test, 'iipsrv-unix.sh', { SOCKET: socket }, { path: socket });
  });

  it('starts four processes on one socket, and nginx gives what the program gives', options, async (test) => {
    const port = await freePort();
    await check(test, 'iipsrv-tcp.sh', { PORT: String(port), PROCESSES: '4' }, { port });
  });
});

type Settings = Readonly<Record<string, string>>;

async function check(test: TestContext, script: string, settings: Settings, where: Where): Promise<void> {
  const scope = scopeOf(test);
  await spawn(scope, script, settings);
  await waitFor(() => isListening(where), 'spawn-fcgi has opened its socket');
  const { port } = await startNginx(scope, { upstream: where, isKeepingConnections: false });
  const direct = await startProgram(scope, { env: { URI_MAP } });
  await askEverything(test, { port, direct: direct.where });
}

/** Runs a script of deploy/, which starts the program in the background; it ends with the scope. */
async function spawn(scope: Scope, script: string, settings: Settings): Promise<void> {
  const folder = await tempFolder(scope);
  const [pidFile, log] = [path.join(folder, 'pid'), path.join(folder, 'log')];
  const { PATH } = process.env;
  const env = {
    PATH,
    FILESYSTEM_PREFIX: FIXTURES,
    IIPSRV: PROGRAM,
    PIDFILE: pidFile,
    LOGFILE: log,
    ...settings,
  };
  await promisify(execFile)(path.join(DEPLOY, 'spawn-fcgi', script), { env });
  const pids = (await readFile(pidFile, 'utf8')).trim().split('\n').map(Number);
  assert.equal(pids.length, Number(settings['PROCESSES'] ?? 1));
  const readLog = () => readFile(log, 'utf8');
  scope.defer(async () => {
    for (const pid of pids) process.kill(pid, 'SIGTERM');
    const stopped = async () => parseLog(await readLog()).filter(({ msg }) => msg === 'iipsrv stops');
    await waitFor(async () => (await stopped()).length === pids.length, 'all have stopped');
    for (const { outcome } of await stopped()) assert.equal(outcome, 'drained');
    assertNoFaults(await readLog());
  });
}
