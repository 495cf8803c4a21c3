import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { DockerfileParser, type Instruction } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';
import { parse } from 'yaml';
import { VARIABLES } from '../../src/config/variables.ts';
import { startDaemon } from '../support/daemon.ts';
import { cgiParams, fcgiRequest } from '../support/fcgi-client.ts';
import { freePort } from '../support/ports.ts';
import { FIXTURES, startProgram } from '../support/program.ts';
import { scopeOf } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { deployed, DEPLOY } from './deployed.ts';
import { NGINX_MISSING, startNginxWith } from './nginx.ts';
import { askEverything, URI_MAP } from './questions.ts';

const run = promisify(execFile);

interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
}

const known: ReadonlySet<string> = new Set(Object.values(VARIABLES).flatMap(({ names }) => names));

async function instructionsOf(file: string): Promise<readonly Instruction[]> {
  return DockerfileParser.parse(await deployed(file, {})).getInstructions();
}

const argumentsOf = (instruction: Instruction): string => instruction.getArgumentsContent() ?? '';

describe('Dockerfile', () => {
  it('has nothing that a linter finds', async () => {
    assert.deepEqual(validate(await deployed('docker/Dockerfile', {})), []);
  });

  it('sets variables that there are, and runs as nobody in particular', async () => {
    const instructions = await instructionsOf('docker/Dockerfile');
    const settings = instructions
      .filter((instruction) => instruction.getKeyword() === 'ENV')
      .flatMap((instruction) => [...argumentsOf(instruction).matchAll(/([A-Z_]+)=/g)])
      .map(([, name = '']) => name);
    assert.deepEqual(settings.filter((name) => !known.has(name)), ['NODE_ENV']); // prettier-ignore
    const users = instructions.filter((instruction) => instruction.getKeyword() === 'USER').map(argumentsOf);
    assert.deepEqual(users, ['node']);
  });

  it('is given all that it copies, and nothing else', async () => {
    const ignored = (await deployed('docker/Dockerfile.dockerignore', {})).trim().split('\n');
    const given = ignored.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    const copied = (await instructionsOf('docker/Dockerfile'))
      .filter((instruction) => instruction.getKeyword() === 'COPY')
      .map(argumentsOf)
      .flatMap((text) => text.split(' ').slice(0, -1))
      .filter((name) => !name.startsWith('/build/'));
    assert.equal(ignored[0], '*');
    assert.deepEqual(given.sort(), copied.sort());
  });

  it('makes a program that serves, out of what it copies', { timeout: 600_000 }, async (test) => {
    const scope = scopeOf(test);
    const [built, placed] = [await tempFolder(scope), await tempFolder(scope)];
    const instructions = await instructionsOf('docker/Dockerfile');
    let stage = 0;
    for (const instruction of instructions) {
      const text = argumentsOf(instruction);
      if (instruction.getKeyword() === 'FROM') stage++;
      if (instruction.getKeyword() === 'RUN') await run('sh', ['-c', text], { cwd: built });
      if (instruction.getKeyword() !== 'COPY') continue;
      const names = text.split(' ').filter((name) => !name.startsWith('--'));
      const target = names.pop() ?? '';
      for (const name of names) {
        const from = stage === 1 ? path.resolve(name) : name.replace(/^\/build/, built);
        const folder = stage === 1 ? built : placed;
        const to = target.endsWith('/')
          ? path.join(folder, target, path.basename(name))
          : path.join(folder, target);
        await mkdir(path.dirname(to), { recursive: true });
        await cp(from, to, { recursive: true });
      }
    }
    assert.deepEqual((await readdir(placed)).sort(), ['dist', 'node_modules', 'package.json']);
    const packages = await readdir(path.join(placed, 'node_modules'));
    assert.ok(packages.includes('sharp') && !packages.includes('typescript'), 'only what is needed to run');
    const port = await freePort();
    const program = path.join(placed, 'dist/main.js');
    const daemon = startDaemon(scope, [process.execPath, program, '--bind', `127.0.0.1:${port}`], {
      cwd: placed,
      env: { PATH: process.env['PATH'] ?? '', FILESYSTEM_PREFIX: FIXTURES },
    });
    await daemon.waitUntilListening({ port });
    const answer = await fcgiRequest(
      { port },
      cgiParams('/fcgi-bin/iipsrv.fcgi?FIF=rgb-deflate.tif&WID=64&GAM=2&CVT=jpeg'),
    );
    assert.equal(answer.status, 200, answer.body.toString('utf8', 0, 200));
    assert.deepEqual([...answer.body.subarray(0, 2)], [0xff, 0xd8]);
  });
});

describe('compose.yaml', () => {
  it(
    'has an nginx in front that gives what the program gives',
    { skip: NGINX_MISSING, timeout: 300_000 },
    async (test) => {
      const scope = scopeOf(test);
      const port = await freePort();
      const { where } = await startProgram(scope, { where: { port }, env: { URI_MAP } });
      const nginx = await startNginxWith(scope, 'docker/nginx.conf', {
        'iipsrv:9000': `127.0.0.1:${port}`,
        '    resolver 127.0.0.11 valid=10s;': '',
      });
      await askEverything(test, { port: nginx.port, direct: where });
    },
  );

  it('names files, programs and variables that there are, and gives nobody more than needed', async () => {
    const { services } = parse(await deployed('docker/compose.yaml', {})) as {
      readonly services: Readonly<Record<string, Service>>;
    };
    assert.deepEqual(Object.keys(services).sort(), ['iipsrv', 'memcached', 'nginx']);
    const { iipsrv, nginx } = services;
    assert.deepEqual(Object.keys(iipsrv?.environment ?? {}).filter((name) => !known.has(name)), []); // prettier-ignore
    const context = path.join(DEPLOY, 'docker', iipsrv?.build?.context ?? '');
    assert.equal(context, process.cwd());
    assert.equal(path.join(context, iipsrv?.build?.dockerfile ?? ''), path.join(DEPLOY, 'docker/Dockerfile'));
    assert.deepEqual(
      [iipsrv?.read_only, iipsrv?.cap_drop, iipsrv?.security_opt],
      [true, ['ALL'], ['no-new-privileges:true']],
    );
    assert.deepEqual(nginx?.volumes, ['./nginx.conf:/etc/nginx/conf.d/default.conf:ro']);
  });
});
