/** The commands that do something else than serve: `iipsrv doctor …`, `iipsrv warm …`, `iipsrv shadow …`. */
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { type Parsed, parseHttpAddress, type TcpAddress } from './address.ts';

export interface WarmCommand {
  readonly kind: 'warm';
  /** Where the server's --admin listens. */
  readonly admin: TcpAddress;
  readonly ids: readonly string[];
}

export interface ShadowCommand {
  readonly kind: 'shadow';
  readonly from: URL;
  readonly to: URL;
  /** `-`: standard input. */
  readonly logFile: string;
  readonly concurrency: number;
  readonly rate: number;
  readonly timeoutSeconds: number;
  readonly leastPsnr: number;
  readonly isJson: boolean;
}

/** Says what is to be known of image files. */
export interface DoctorCommand {
  readonly kind: 'doctor';
  readonly files: readonly string[];
  readonly isJson: boolean;
}

export type Subcommand = DoctorCommand | WarmCommand | ShadowCommand;

interface Description {
  readonly usage: string;
  readonly doc: string;
  readonly parse: (args: readonly string[]) => Parsed<Subcommand>;
}

/** By their names, in the order of `--help` and the manual page. */
export const SUBCOMMANDS: Readonly<Record<Subcommand['kind'], Description>> = {
  doctor: {
    usage: 'iipsrv doctor [--json] FILE…',
    doc: 'Say what image files are, how they are served, and what would make them better. Exit status 0 when all is fine, 1 when there is advice, 2 when a file is not served.',
    parse: parseDoctor,
  },
  warm: {
    usage: 'iipsrv warm --admin [host:]port FILE…',
    doc: 'Have a running server make every tile of these images, named as clients name them, while it has nothing else to do.',
    parse: parseWarm,
  },
  shadow: {
    usage: 'iipsrv shadow --from URL --to URL [--json] LOGFILE',
    doc: 'Replay the access log of a web server (common, combined, nginx; - is standard input) against an old and a new server, and report differences in status, size and pixels. --concurrency (4) requests at once, --rate a second (no limit), --timeout seconds (30); pictures count as alike from --psnr decibels (40). Exit status 3 when something differs.',
    parse: parseShadow,
  },
};

const isSubcommand = (name: string | undefined): name is Subcommand['kind'] =>
  name !== undefined && Object.hasOwn(SUBCOMMANDS, name);

/** Undefined when the first argument is none of these commands. */
export function parseSubcommand([name, ...args]: readonly string[]): Parsed<Subcommand> | undefined {
  if (!isSubcommand(name)) return undefined;
  try {
    return SUBCOMMANDS[name].parse(args);
  } catch (thrown) {
    return { ok: false, why: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

const refuse = (why: string): Parsed<never> => ({ ok: false, why });

function parseDoctor(args: readonly string[]): Parsed<DoctorCommand> {
  const { values, positionals } = parse(args, { json: { type: 'boolean' } });
  if (positionals.length === 0) return refuse('doctor needs the names of image files');
  return { ok: true, value: { kind: 'doctor', files: positionals, isJson: values['json'] === true } };
}

function parseWarm(args: readonly string[]): Parsed<WarmCommand> {
  const { values, positionals } = parse(args, { admin: { type: 'string' } });
  if (typeof values['admin'] !== 'string')
    return refuse('warm needs --admin, the address of a running server');
  const admin = parseHttpAddress(values['admin']);
  if (!admin.ok) return refuse(`--admin ${admin.why}`);
  if (positionals.length === 0) return refuse('warm needs names of images');
  return { ok: true, value: { kind: 'warm', admin: admin.value, ids: positionals } };
}

function parseShadow(args: readonly string[]): Parsed<ShadowCommand> {
  const text = { type: 'string' } as const;
  const { values, positionals } = parse(args, {
    from: text, to: text, concurrency: text, rate: text, timeout: text, psnr: text, json: { type: 'boolean' },
  }); // prettier-ignore
  const [from, to] = [urlOf(values['from']), urlOf(values['to'])];
  if (from === undefined || to === undefined) return refuse('shadow needs --from URL and --to URL');
  const [logFile] = positionals;
  if (logFile === undefined || positionals.length > 1) return refuse('shadow needs one log file');
  const numbers = {
    concurrency: numberOf(values['concurrency'], 4, 1, 256),
    rate: numberOf(values['rate'], Infinity, 0.01, 1e6),
    timeoutSeconds: numberOf(values['timeout'], 30, 0.01, 3600),
    leastPsnr: numberOf(values['psnr'], 40, 1, 99),
  };
  const isJson = values['json'] === true;
  return { ok: true, value: { kind: 'shadow', from, to, logFile, ...numbers, isJson } };
}

function parse(args: readonly string[], options: NonNullable<ParseArgsConfig['options']>) {
  return parseArgs({ args: [...args], options, allowPositionals: true });
}

function urlOf(text: unknown): URL | undefined {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) ? url : undefined;
}

function numberOf(text: unknown, initial: number, min: number, max: number): number {
  if (typeof text !== 'string') return initial;
  const value = Number(text);
  if (!(value >= min && value <= max)) throw new RangeError(`${text} is no number from ${min} to ${max}`);
  return value;
}
