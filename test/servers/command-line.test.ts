import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { open, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, it } from 'node:test';
import { SETTINGS, variableOf } from '../../src/config/variables.ts';
import { cgiParams, fcgiRequest } from '../support/fcgi-client.ts';
import { freePort } from '../support/ports.ts';
import { PROGRAM, programEnv, runProgram, startProgram, type Run } from '../support/program.ts';
import { scopeOf } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';

const options = { timeout: 120_000 };

/** It could not serve, and says so in one line. */
function assertRefused({ status, stdout, stderr }: Run, line: RegExp): void {
  assert.match(stderr, line);
  assert.deepEqual([status, stdout, stderr.split('\n').length], [1, '', 2], stderr);
}

describe('the command line', options, () => {
  it('--help names every variable', async () => {
    const { status, stdout, stderr } = await runProgram(['--help']);
    assert.deepEqual([status, stderr], [0, '']);
    const names = SETTINGS.flatMap((setting) => variableOf(setting).names);
    assert.ok(names.length > 35);
    for (const name of names) assert.match(stdout, new RegExp(`^ +.*\\b${name}\\b`, 'm'));
  });

  it('--help needs nothing that works', async () => {
    const { status } = await runProgram(['--help'], {
      IIIF_EXTRA_INFO: 'no JSON',
      LOGFILE: '/nowhere/at/all',
    });
    assert.equal(status, 0);
  });

  it('--version is the version of the package', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };
    assert.deepEqual(await runProgram(['--version']), {
      status: 0,
      stdout: `iipsrv ${version}\n`,
      stderr: '',
    });
  });

  it('--check says that the server would start, and opens nothing', async (test) => {
    const folder = await tempFolder(scopeOf(test));
    const socket = path.join(folder, 'socket');
    const { status, stdout, stderr } = await runProgram(['--check', '--bind', socket], {
      JPEG_QUALITY: '101',
      LOGFILE: path.join(folder, 'log'),
    });
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, /^warning: JPEG_QUALITY="101" .*using 100$/m);
    assert.match(stdout, /the server would start$/m);
    await assert.rejects(readFile(socket), { code: 'ENOENT' });
    await assert.rejects(readFile(path.join(folder, 'log')), { code: 'ENOENT' });
  });

  it('--check fails for a setting that is refused', async () => {
    const { status, stdout } = await runProgram(['--check'], { IIIF_EXTRA_INFO: '"a": ' });
    assert.equal(status, 1);
    assert.match(stdout, /^error: IIIF_EXTRA_INFO=/m);
  });

  it('with a setting that is refused does not serve', async () => {
    const run = await runProgram(['--bind', `127.0.0.1:${await freePort()}`], { IIIF_EXTRA_INFO: '"a": ' });
    assertRefused(run, /^iipsrv: IIIF_EXTRA_INFO=/);
  });

  for (const args of [['--bind', 'a:b:c'], ['--nonsense'], ['stray'], ['--backlog', '0'], ['--bind']]) {
    it(`${args.join(' ')} is a wrong command line`, async () => {
      const { status, stdout, stderr } = await runProgram(args);
      assert.deepEqual([status, stdout], [2, '']);
      assert.match(stderr, /^iipsrv: .*\nTry: iipsrv --help\n$/);
    });
  }
});

describe('an address that cannot be had', options, () => {
  it('is taken already', async (test) => {
    const { where } = await startProgram(scopeOf(test));
    assert.ok('port' in where);
    const run = await runProgram(['--bind', `127.0.0.1:${where.port}`]);
    assertRefused(run, /^iipsrv: cannot listen on 127\.0\.0\.1:\d+: another process listens there already$/m);
    assert.equal((await fcgiRequest(where, cgiParams('/'))).status, 200);
  });

  it('is not of this machine', async () => {
    assertRefused(await runProgram(['--bind', '192.0.2.1:9000']), /no such address/);
  });

  it('is in no folder', async (test) => {
    const folder = await tempFolder(scopeOf(test));
    assertRefused(await runProgram(['--bind', path.join(folder, 'none/socket')]), /its folder is not there/);
  });

  it('is a file, which stays as it is', async (test) => {
    const file = path.join(await tempFolder(scopeOf(test)), 'file');
    await writeFile(file, 'mine');
    assertRefused(await runProgram(['--bind', file]), /no socket/);
    assert.equal(await readFile(file, 'utf8'), 'mine');
  });

  it('for HTTP ends FastCGI too', async (test) => {
    const server = createServer();
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port }, resolve));
    test.after(() => server.close());
    const run = await runProgram(['--bind', `127.0.0.1:${await freePort()}`, '--http', String(port)]);
    assertRefused(run, /another process listens there already/);
  });
});

describe('a UNIX socket', options, () => {
  it('that a dead program left behind is replaced', async (test) => {
    const scope = scopeOf(test);
    const where = { path: path.join(await tempFolder(scope), 'socket') };
    const dead = spawn(process.execPath, [PROGRAM, '--bind', where.path], { env: programEnv(), stdio: ['ignore', 'ignore', 'pipe'] }); // prettier-ignore
    await new Promise((resolve) => dead.stderr.once('data', resolve));
    dead.kill('SIGKILL');
    await new Promise((resolve) => dead.once('close', resolve));
    const program = await startProgram(scope, { where });
    assert.equal((await fcgiRequest(program.where, cgiParams('/'))).status, 200);
  });

  it('that another program serves is left alone', async (test) => {
    const scope = scopeOf(test);
    const where = { path: path.join(await tempFolder(scope), 'socket') };
    await startProgram(scope, { where });
    assertRefused(await runProgram(['--bind', where.path]), /another process listens there already/);
    assert.equal((await fcgiRequest(where, cgiParams('/'))).status, 200);
  });
});

/** Without --bind the program is given `stdin` as descriptor 0. */
function runOn(stdin: number | 'pipe' | 'ignore'): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROGRAM], { env: programEnv(), stdio: [stdin, 'pipe', 'pipe'] });
    let stderr = '';
    child.stderr?.on('data', (text: Buffer) => (stderr += text.toString()));
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, stdout: '', stderr }));
  });
}

describe('descriptor 0', options, () => {
  const line = /^iipsrv: file descriptor 0 is no listening socket: /;

  it('is no listening socket when it is a file', async (test) => {
    const file = await open(path.join(await tempFolder(scopeOf(test)), 'file'), 'w');
    test.after(() => file.close());
    assertRefused(await runOn(file.fd), line);
  });

  it('is no listening socket when it is /dev/null', async () => assertRefused(await runOn('ignore'), line));

  it('is no listening socket when it is a connected one', async () =>
    assertRefused(await runOn('pipe'), line));
});
