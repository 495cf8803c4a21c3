/** The command line of the benchmark. */
import { parseArgs } from 'node:util';

export const HELP = `npm run bench -- [part …] [options]

Parts, without any of which all are measured: headroom (what the load generator can do), start, opening
(pictures opened for the first time), pixels, tiles, sessions (viewers), crowd (idle connections), exports (tiles beside large ones), web (nginx, HTTP, wrk),
scale (one process for each core). Alone and with options of its own: jp2 (--help).

  --only WORDS        rows whose heading, name and "N clients" contain all these words; a comma is "or"
  --clients LIST      of the rows only those with so many clients, as 1,8
  --quick             one round of 0.3 s with 1 and 8 clients, fewer rows and repetitions: some five minutes
  --rounds N          rounds of every row (3), servers in turn
  --seconds S         of one server in one round (0.5)
  --warm-up S         of load that each process gets before its first row, at most: it ends when that makes it
                      no faster; a fifth of it before each further one (15)
  --wait S            on a machine that has other things to do: seconds that each run may wait, and be
                      repeated, until other programs rest (0)
  --seed N            of the order of requests (1)
  --peer COMMAND      another FastCGI server to compare with; {address} in it is where to listen, else
                      --bind and the address are added
  --no-peer           only our own numbers
  --server COMMAND    what stands for our server (node dist/main.js)
  --over unix|tcp     kind of socket (unix)
  --images FOLDER     where the pictures are, or are made (.build/bench/…)
  --profile           where our server spends its time in the rows, instead of measuring them
  --json              print all that was measured as JSON
  --write             put the tables into docs/performance.md
  --list              print the rows, measure nothing
  --help`;

export const PARTS = [
  'headroom',
  'start',
  'opening',
  'pixels',
  'tiles',
  'sessions',
  'crowd',
  'exports',
  'web',
  'scale',
] as const;
export type Part = (typeof PARTS)[number];

export interface Options {
  readonly parts: readonly Part[];
  /** Lists of words in lower case, one of which is to fit; the empty list fits every row. */
  readonly words: readonly (readonly string[])[];
  /** Empty: any number. */
  readonly clients: readonly number[];
  /** Fewer rows and repetitions. */
  readonly quick: boolean;
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly waitSeconds: number;
  readonly seed: number;
  readonly peer:
    { readonly kind: 'debian' | 'none' } | { readonly kind: 'command'; readonly command: string };
  readonly server: string | undefined;
  readonly transport: 'unix' | 'tcp';
  readonly images: string | undefined;
  readonly does: 'measure' | 'profile' | 'list' | 'help';
  readonly json: boolean;
  readonly write: boolean;
}

/** What stands for options that are not given. */
const FULL = { clients: '', rounds: '3', seconds: '0.5', warmUp: '15' } as const;
const QUICK = { clients: '1,8', rounds: '1', seconds: '0.3', warmUp: '1' } as const;

/** @throws Error with a sentence about what is wrong. */
export function parseOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      only: { type: 'string', default: '' },
      clients: { type: 'string' },
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      'warm-up': { type: 'string' },
      wait: { type: 'string', default: '0' },
      seed: { type: 'string', default: '1' },
      peer: { type: 'string' },
      'no-peer': { type: 'boolean', default: false },
      server: { type: 'string' },
      over: { type: 'string', default: 'unix' },
      images: { type: 'string' },
      profile: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const usual = values.quick ? QUICK : FULL;
  const listOf = (text: string): readonly string[] => text.split(/[ ,]+/).filter((word) => word !== '');
  return {
    parts: positionals.length === 0 ? PARTS : positionals.map(partOf),
    words: values.only.split(',').map((words) =>
      words
        .toLowerCase()
        .split(' ')
        .filter((word) => word !== ''),
    ),
    clients: listOf(values.clients ?? usual.clients).map((text) => numberOf('clients', text)),
    quick: values.quick,
    rounds: numberOf('rounds', values.rounds ?? usual.rounds),
    seconds: numberOf('seconds', values.seconds ?? usual.seconds),
    warmUpSeconds: numberOf('warm-up', values['warm-up'] ?? usual.warmUp),
    waitSeconds: values.wait === '0' ? 0 : numberOf('wait', values.wait),
    seed: numberOf('seed', values.seed),
    peer: peerOf(values['no-peer'], values.peer),
    server: values.server,
    transport: transportOf(values.over),
    images: values.images,
    does: values.help ? 'help' : values.list ? 'list' : values.profile ? 'profile' : 'measure',
    json: values.json,
    write: values.write,
  };
}

function partOf(text: string): Part {
  const part = PARTS.find((name) => name === text);
  if (part === undefined) throw new Error(`there is no part "${text}"; there are ${PARTS.join(', ')}`);
  return part;
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (text === '' || !(value > 0)) throw new Error(`--${name} is a number over 0, not "${text}"`);
  return value;
}

function peerOf(isNone: boolean, command: string | undefined): Options['peer'] {
  if (isNone) return { kind: 'none' };
  return command === undefined ? { kind: 'debian' } : { kind: 'command', command };
}

function transportOf(text: string): Options['transport'] {
  if (text !== 'unix' && text !== 'tcp') throw new Error(`--over is unix or tcp, not "${text}"`);
  return text;
}
