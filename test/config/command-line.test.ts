import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CommandLine, type Listening, parseCommandLine } from '../../src/config/command-line.ts';
import { EXIT_STATUS_DOCS, OPTIONS } from '../../src/config/options.ts';
import { SETTINGS, variableOf } from '../../src/config/variables.ts';

const FACTS = { version: '1.2.3' };

function parse(...args: readonly string[]): CommandLine {
  return parseCommandLine(args, FACTS);
}

describe('the command line', () => {
  const local = { kind: 'tcp', host: '127.0.0.1', port: 9000 } as const;
  const cases: readonly (readonly [args: readonly string[], listening: Listening])[] = [
    [[], { backlog: 2048 }],
    [['--bind', '127.0.0.1:9000'], { bind: local, backlog: 2048 }],
    [['--bind=127.0.0.1:9000'], { bind: local, backlog: 2048 }],
    [['--bind', '127.0.0.1:9000', '--backlog', '16'], { bind: local, backlog: 16 }],
    [['--backlog', '16', '--bind', '127.0.0.1:9000'], { bind: local, backlog: 16 }],
    [['--bind', ':9000'], { bind: { kind: 'tcp', port: 9000 }, backlog: 2048 }],
    [['--bind', '*:9000'], { bind: { kind: 'tcp', port: 9000 }, backlog: 2048 }],
    [['--bind', ':0'], { bind: { kind: 'tcp', port: 0 }, backlog: 2048 }],
    [['--bind', '[::1]:9000'], { bind: { kind: 'tcp', host: '::1', port: 9000 }, backlog: 2048 }],
    [
      ['--bind', 'images.example.org:80'],
      { bind: { kind: 'tcp', host: 'images.example.org', port: 80 }, backlog: 2048 },
    ],
    [['--bind', '/run/iipsrv.sock'], { bind: { kind: 'unix', path: '/run/iipsrv.sock' }, backlog: 2048 }],
    [['--bind', './a:b'], { bind: { kind: 'unix', path: './a:b' }, backlog: 2048 }],
    [['--bind', 'iipsrv.sock'], { bind: { kind: 'unix', path: 'iipsrv.sock' }, backlog: 2048 }],
    [['--http', '8080'], { http: { kind: 'tcp', host: '127.0.0.1', port: 8080 }, backlog: 2048 }],
    [['--http', ':8080'], { http: { kind: 'tcp', port: 8080 }, backlog: 2048 }],
    [['--http', '[::]:8080'], { http: { kind: 'tcp', host: '::', port: 8080 }, backlog: 2048 }],
    [
      ['--http', 'localhost:8080', '--bind', '127.0.0.1:9000'],
      { bind: local, http: { kind: 'tcp', host: 'localhost', port: 8080 }, backlog: 2048 },
    ],
    [
      ['--http', '8080', '--gallery'],
      { http: { kind: 'tcp', host: '127.0.0.1', port: 8080 }, backlog: 2048, gallery: true },
    ],
    [['--backlog', '2147483647'], { backlog: 2147483647 }],
  ];
  for (const [args, listening] of cases) {
    it(`reads ${args.join(' ') || 'nothing'}`, () => {
      assert.deepEqual(parse(...args), { kind: 'serve', listening });
      assert.deepEqual(parse('--check', ...args), { kind: 'check', listening });
      assert.deepEqual(parse(...args, '--check'), { kind: 'check', listening });
    });
  }

  for (const [args, message] of [
    [['--bind'], /^--bind needs a value$/],
    [['--bind='], /^--bind needs a value$/],
    [['--bind', '--check'], /^--bind needs a value$/],
    [['--bind', '9000'], /^--bind 9000: is a number: write :9000 for a port$/],
    [['--bind', 'host:port'], /^--bind host:port: is not host:port/],
    [['--bind', 'host:'], /^--bind host:: is not/],
    [['--bind', 'host:65536'], /is not host:port.* 0 to 65535$/],
    [['--bind', '::1:9000'], /is not host:port, :port or \[IPv6 address\]:port/],
    [['--bind', '[localhost]:9000'], /is not/],
    [['--bind', 'a:1', '--bind', 'b:1'], /^--bind is given more than once$/],
    [['--backlog', '0'], /^--backlog 0: is no whole number from 1 to/],
    [['--backlog', '-5'], /^--backlog -5: is no whole number/],
    [['--backlog', '1e3'], /^--backlog 1e3: is no whole number/],
    [['--backlog', '2147483648'], /is no whole number from 1 to 2147483647$/],
    [['--http', '/run/http.sock'], /^--http \/run\/http.sock: is not/],
    [['--http', 'localhost'], /is not host:port/],
    [['--http', '65536'], /is not host:port/],
    [['--bnid', ':9000'], /bnid/],
    [['-x'], /x/],
    [['--no-check'], /no-check/],
    [['--bind.host', 'a'], /bind\.host/],
    [['--check=no'], /take no value/],
    [['stray'], /^unexpected argument: stray$/],
    [['--', '--bind'], /^unexpected argument: --bind$/],
  ] as const) {
    it(`refuses ${args.join(' ')}`, () => {
      const result = parse(...args);
      assert.equal(result.kind, 'usage-error');
      assert.match(result.message, message);
    });
  }

  it('tells the version', () => {
    for (const option of ['--version', '-v']) {
      assert.deepEqual(parse(option, '--bind', ':1'), { kind: 'version', text: 'iipsrv 1.2.3' });
    }
  });

  it('prints nothing itself and leaves the exit status alone', (context) => {
    const out = context.mock.method(process.stdout, 'write', () => true);
    const err = context.mock.method(process.stderr, 'write', () => true);
    const exit = context.mock.method(process, 'exit', () => undefined);
    for (const args of [['--help'], ['--version'], ['--bogus'], ['--bind'], ['stray']]) parse(...args);
    const calls = [out, err, exit].map((mocked) => mocked.mock.callCount());
    context.mock.restoreAll();
    assert.deepEqual(calls, [0, 0, 0]);
    assert.equal(process.exitCode, undefined);
  });
});

describe('--help', () => {
  const help = parse('--help');
  const text = help.kind === 'help' ? help.text : '';

  it('is the same for -h', () => assert.deepEqual(parse('-h'), { kind: 'help', text }));

  it('names every option, every variable with its default and range, and every exit status', () => {
    const lines = text.split('\n').map((line) => line.trim());
    for (const option of Object.keys(OPTIONS))
      assert.ok(
        lines.some((line) => line.startsWith(`--${option}`)),
        option,
      );
    for (const setting of SETTINGS) {
      const { names, rule, initial } = variableOf(setting);
      assert.ok(lines.includes(names.join(', ')), names[0]);
      assert.ok(text.replace(/\s+/g, ' ').includes(`(${rule.accepts}; default: ${initial}`), names[0]);
    }
    for (const status of Object.keys(EXIT_STATUS_DOCS)) assert.ok(lines.includes(status), status);
  });

  it('fits a terminal', () => {
    for (const line of text.split('\n')) assert.ok(line.length <= 98, line);
  });
});
