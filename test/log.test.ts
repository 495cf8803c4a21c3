import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { LogTarget } from '../src/config/config.ts';
import { ServerError } from '../src/errors.ts';
import { type LogDeps, type LogLevel, type OpenLog, createLog, levelOf } from '../src/log.ts';
import { memoryLog } from './support/log.ts';

const LEVELS: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error'];

type Line = Readonly<Record<string, unknown>>;

function parseLines(text: string): readonly Line[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

function messages(file: string): readonly unknown[] {
  return parseLines(readFileSync(file, 'utf8')).map((line) => line['msg']);
}

/** A folder for one test, removed after it. */
function folder(context: TestContext): string {
  const made = mkdtempSync(path.join(tmpdir(), 'iipsrv-log-'));
  context.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** A log whose standard error is a file. */
function openLog(
  context: TestContext,
  target: LogTarget,
  options: LogDeps & { readonly verbosity?: number } = {},
): { readonly log: OpenLog; readonly stderr: string; readonly dir: string } {
  const dir = folder(context);
  const stderr = path.join(dir, 'stderr');
  const descriptor = openSync(stderr, 'a');
  context.after(() => closeSync(descriptor));
  const log = createLog(options.verbosity ?? 1, target, { stderr: descriptor, ...options });
  context.after(() => log.close());
  return { log, stderr, dir };
}

/** Waits for something that another program does; fails after ten seconds. */
async function until(what: string, holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    assert.ok(tries < 500, `waited for ${what}`);
    await delay(20);
  }
}

describe('levels of the log', () => {
  for (const [verbosity, level] of [
    [-1, 'silent'],
    [0, 'silent'],
    [1, 'info'],
    [2, 'debug'],
    [3, 'trace'],
    [99, 'trace'],
  ] as const) {
    it(`VERBOSITY ${verbosity} lets ${level} through`, () => assert.equal(levelOf(verbosity), level));
  }

  for (const [verbosity, expected] of [
    [0, []],
    [1, ['info', 'warn', 'error']],
    [2, ['debug', 'info', 'warn', 'error']],
    [3, LEVELS],
  ] as const) {
    it(`VERBOSITY ${verbosity} writes ${expected.join(', ') || 'nothing'}`, async (context) => {
      const { log, stderr } = openLog(context, { kind: 'stderr' }, { verbosity });
      for (const level of LEVELS) log[level]({}, 'said');
      await log.close();
      assert.deepEqual(
        parseLines(readFileSync(stderr, 'utf8')).map((line) => line['level']),
        expected,
      );
    });
  }

  it('at VERBOSITY 0 no file is made and nothing is told of one that cannot be', async (context) => {
    const target = path.join(folder(context), 'log');
    for (const file of [target, path.join(target, 'nowhere', 'log')]) {
      const { log, stderr } = openLog(context, { kind: 'file', path: file }, { verbosity: 0 });
      assert.equal(log.isSilent, true);
      log.error({}, 'said');
      await log.flush();
      await log.reopen();
      await log.close();
      assert.equal(existsSync(file), false);
      assert.equal(readFileSync(stderr, 'utf8'), '');
    }
  });
});

describe('a line of the log', () => {
  it('is JSON with level, time, fields and msg only', async (context) => {
    const { log, stderr } = openLog(context, { kind: 'stderr' });
    assert.ok(log.isSilent !== true);
    log.info({ status: 200, path: 'a "b"\nc' }, 'got %s and 100 %d');
    await log.flush();
    const [line = {}] = parseLines(readFileSync(stderr, 'utf8'));
    assert.match(String(line['time']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.deepEqual(line, {
      level: 'info',
      time: line['time'],
      status: 200,
      path: 'a "b"\nc',
      msg: 'got %s and 100 %d',
    });
  });

  it('has the error of the field err with its kind, facts and cause', async (context) => {
    const { log, stderr } = openLog(context, { kind: 'stderr' });
    const cause = new Error('bad tag');
    log.error({ err: new ServerError('damaged', 'damaged', { facts: { path: '/a.tif' }, cause }) }, 'failed');
    await log.flush();
    const err = parseLines(readFileSync(stderr, 'utf8'))[0]?.['err'] as Line;
    assert.equal(err['kind'], 'damaged');
    assert.deepEqual(err['facts'], { path: '/a.tif' });
    assert.match(JSON.stringify(err['cause']), /bad tag/);
    assert.match(String(err['stack']), /log\.test/);
  });

  it('is written whatever the fields are', async (context) => {
    const { log, stderr } = openLog(context, { kind: 'stderr' });
    const ring: Record<string, unknown> = {};
    ring['ring'] = ring;
    log.info({ ring, big: 1n, hole: undefined, fn: () => 1 }, 'odd');
    await log.flush();
    assert.deepEqual(messages(stderr), ['odd']);
  });
});

describe('a log file', () => {
  it('is appended to', async (context) => {
    const file = path.join(folder(context), 'log');
    writeFileSync(file, '{"msg":"before"}\n');
    const { log, stderr } = openLog(context, { kind: 'file', path: file });
    log.info({}, 'after');
    await log.close();
    assert.deepEqual(messages(file), ['before', 'after']);
    assert.equal(readFileSync(stderr, 'utf8'), '');
  });

  it('gets warnings without being asked', async (context) => {
    const file = path.join(folder(context), 'log');
    const { log } = openLog(context, { kind: 'file', path: file });
    log.info({}, 'first');
    log.warn({}, 'second');
    await until('the warning', () => existsSync(file) && messages(file).length === 2);
    assert.deepEqual(messages(file), ['first', 'second']);
  });

  it('is opened anew after it was renamed, and no line is lost', async (context) => {
    const file = path.join(folder(context), 'log');
    const { log } = openLog(context, { kind: 'file', path: file });
    log.info({}, 'one');
    await log.flush();
    renameSync(file, `${file}.1`);
    log.info({}, 'two');
    const reopened = log.reopen();
    log.info({}, 'three');
    await reopened;
    await log.close();
    assert.deepEqual(messages(`${file}.1`), ['one', 'two', 'three']);
  });

  it('gets what is logged after it was opened anew', async (context) => {
    const file = path.join(folder(context), 'log');
    const { log } = openLog(context, { kind: 'file', path: file });
    await log.flush();
    renameSync(file, `${file}.1`);
    await log.reopen();
    log.info({}, 'new');
    await log.close();
    assert.deepEqual(messages(file), ['new']);
  });

  it('that cannot be written gives one line on standard error, and the log goes there', async (context) => {
    const dir = folder(context);
    for (const [file, code] of [
      [path.join(dir, 'nowhere', 'log'), 'ENOENT'],
      [dir, 'EISDIR'],
    ] as const) {
      const { log, stderr } = openLog(context, { kind: 'file', path: file });
      log.info({}, 'served');
      await log.close();
      const lines = parseLines(readFileSync(stderr, 'utf8'));
      const told = lines.filter((line) => line['level'] === 'warn');
      assert.deepEqual(
        told.map((line) => [line['path'], line['code'], line['msg']]),
        [[file, code, 'the log file cannot be opened: logging to standard error']],
      );
      assert.equal(lines.length, 2);
      assert.ok(lines.some((line) => line['msg'] === 'served'));
    }
  });

  it('that becomes writable is used after reopen', async (context) => {
    const dir = folder(context);
    const file = path.join(dir, 'log');
    writeFileSync(path.join(dir, 'blocker'), '');
    const link = path.join(dir, 'blocker', 'log');
    const { log } = openLog(context, { kind: 'file', path: link });
    await log.flush();
    rmSync(path.join(dir, 'blocker'));
    renameSync(folderWithLog(dir), path.join(dir, 'blocker'));
    await log.reopen();
    log.info({}, 'now');
    await log.close();
    assert.deepEqual(messages(link), ['now']);
    assert.equal(existsSync(file), false);
  });

  it('stays in use when it cannot be opened anew', async (context) => {
    const dir = folder(context);
    const file = path.join(dir, 'log');
    const { log } = openLog(context, { kind: 'file', path: file });
    await log.flush();
    renameSync(file, `${file}.1`);
    writeFileSync(path.join(dir, 'x'), '');
    renameSync(folderWithLog(dir), file);
    await log.reopen();
    log.info({}, 'still');
    await log.close();
    assert.deepEqual(messages(`${file}.1`), [
      'the log file cannot be opened: logging to the file that is open',
      'still',
    ]);
  });

  it('on a full disk throws nothing', async (context) => {
    const { log, stderr } = openLog(context, { kind: 'file', path: '/dev/full' });
    log.warn({}, 'nowhere');
    await log.flush();
    log.warn({}, 'nowhere');
    await log.close();
    assert.equal(readFileSync(stderr, 'utf8'), '');
  });
});

function folderWithLog(dir: string): string {
  return mkdtempSync(path.join(dir, 'folder-'));
}

describe('standard error', () => {
  it('that nobody reads throws nothing, and the next reader is told what was lost', async (context) => {
    const pipe = path.join(folder(context), 'pipe');
    assert.equal(spawnSync('mkfifo', [pipe]).status, 0);
    const [firstReader, writer] = [openSync(pipe, 'r+'), openSync(pipe, 'a')];
    const log = createLog(1, { kind: 'stderr' }, { stderr: writer });
    context.after(() => log.close());
    closeSync(firstReader);
    log.error({}, 'nobody');
    await log.flush();
    const secondReader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    log.info({}, 'somebody');
    await log.flush();
    const bytes = Buffer.alloc(1000);
    const lines = parseLines(bytes.toString('utf8', 0, readSync(secondReader, bytes)));
    assert.deepEqual(
      lines.map((line) => [line['level'], line['msg'], line['lost'], line['reason']]),
      [
        ['warn', 'log lines were lost', 1, 'EPIPE'],
        ['info', 'somebody', undefined, undefined],
      ],
    );
    [secondReader, writer].forEach((descriptor) => closeSync(descriptor));
  });

  it('that is a full pipe does not keep a program from closing its log and exiting', async (context) => {
    const program = path.join(folder(context), 'program.mjs');
    const lib = path.resolve(import.meta.dirname, '../src/log.js');
    writeFileSync(
      program,
      `import { createLog } from ${JSON.stringify(lib)};
       const log = createLog(1, { kind: 'stderr' });
       for (let n = 0; n < 3000; n++) log.warn({ n, filler: 'x'.repeat(100) }, 'line');
       await log.close();
       process.stdout.write('closed');
       process.exit(0);`,
    );
    const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'pipe'], timeout: 30_000 });
    const said: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => said.push(chunk));
    // Nobody reads child.stderr until the program has exited.
    await once(child, 'exit');
    child.stderr.resume();
    assert.deepEqual([child.exitCode, Buffer.concat(said).toString()], [0, 'closed']);
  });
});

/** A `logger` that appends what it reads to a file, and ends after the line `die`. */
function fakeLogger(dir: string): {
  readonly command: readonly [string, ...string[]];
  readonly file: string;
} {
  const script = path.join(dir, 'logger');
  const file = path.join(dir, 'syslog');
  writeFileSync(
    script,
    `#!/bin/sh\necho "$*" > '${file}.args'\nwhile read -r line; do printf '%s\\n' "$line" >> '${file}'; case "$line" in *die*) echo 'no socket' >&2; exit 1;; esac; done\n`,
  );
  chmodSync(script, 0o755);
  return { command: [script], file };
}

const QUICK = { settleMs: 100, firstRetryMs: 50, maxRetryMs: 100 };

describe('syslog', () => {
  it('gets lines with a priority through logger', async (context) => {
    const { command, file } = fakeLogger(folder(context));
    const { log, stderr } = openLog(
      context,
      { kind: 'syslog' },
      { verbosity: 3, syslog: { ...QUICK, command } },
    );
    for (const level of LEVELS) log[level]({}, 'said');
    await log.close();
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    assert.deepEqual(
      lines.map((line) => [line.slice(0, 3), (JSON.parse(line.slice(3)) as Line)['level']]),
      [
        ['<7>', 'trace'],
        ['<7>', 'debug'],
        ['<6>', 'info'],
        ['<4>', 'warn'],
        ['<3>', 'error'],
      ],
    );
    assert.equal(readFileSync(stderr, 'utf8'), '');
  });

  it('finds logger on the PATH and asks it to read priorities', async (context) => {
    const { command, file } = fakeLogger(folder(context));
    const usual = process.env['PATH'];
    process.env['PATH'] = `${path.dirname(command[0])}:${usual}`;
    context.after(() => (process.env['PATH'] = usual));
    const { log } = openLog(context, { kind: 'syslog' });
    log.info({}, 'said');
    await log.close();
    assert.match(readFileSync(file, 'utf8'), /^<6>\{.*"said"\}\n$/);
    assert.match(readFileSync(`${file}.args`, 'utf8'), /^--tag iipsrv --priority daemon\.info --prio-prefix/);
  });

  it('without a logger is told once on standard error, which is used', async (context) => {
    const missing = path.join(folder(context), 'logger');
    const { log, stderr } = openLog(
      context,
      { kind: 'syslog' },
      { syslog: { ...QUICK, command: [missing] } },
    );
    log.info({}, 'said');
    await log.flush();
    await delay(300);
    log.info({}, 'again');
    await log.close();
    assert.deepEqual(messages(stderr).toSorted(), [
      'again',
      'logger does not run: logging to standard error instead of syslog',
      'said',
    ]);
    assert.match(readFileSync(stderr, 'utf8'), /"reason":"ENOENT"/);
  });

  it('whose logger dies is restarted, and standard error stands in', async (context) => {
    const { command, file } = fakeLogger(folder(context));
    const { log, stderr } = openLog(context, { kind: 'syslog' }, { syslog: { ...QUICK, command } });
    log.warn({}, 'die');
    await until('the end of logger', () => /"reason":"no socket"/.test(readFileSync(stderr, 'utf8')));
    await until('the next logger', () => /syslog again/.test(readFileSync(file, 'utf8')));
    log.warn({}, 'alive');
    await until('the line after it', () => /alive/.test(readFileSync(file, 'utf8')));
    await log.close();
    assert.doesNotMatch(readFileSync(stderr, 'utf8'), /^<\d>|alive/m);
  });
});

describe('the log for tests', () => {
  it('remembers level, fields and message', async () => {
    const log = memoryLog();
    log.info({ a: 1 }, 'one');
    log.error({}, 'two');
    await log.reopen();
    await log.close();
    assert.deepEqual(log.lines, [
      { level: 'info', fields: { a: 1 }, message: 'one' },
      { level: 'error', fields: {}, message: 'two' },
    ]);
    assert.deepEqual([log.reopened, log.isClosed], [1, true]);
  });
});
