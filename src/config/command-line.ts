/** The command line: arguments in, a tagged union out; nothing is printed and nothing exits here. */
import yargs from 'yargs';
import {
  type BindAddress,
  type Parsed,
  type TcpAddress,
  parseBindAddress,
  parseHttpAddress,
} from './address.ts';
import type { Config } from './config.ts';
import { helpText } from './help.ts';
import { DEFAULT_BACKLOG, OPTIONS } from './options.ts';
import { parseSubcommand, type Subcommand } from './subcommands.ts';

const MAX_BACKLOG = 2 ** 31 - 1;
const MAX_WORKERS = 256;

/** Where the server is to listen. Without `bind` FastCGI comes through descriptor 0. */
export interface Listening {
  readonly bind?: BindAddress;
  /** Connections that the kernel holds until they are accepted; at least 1. */
  readonly backlog: number;
  readonly http?: TcpAddress;
  /** HTTP for operators. */
  readonly admin?: TcpAddress;
  /** The page that HTTP serves lists the images. */
  readonly gallery?: true;
  /** Processes that listen there; absent: one. */
  readonly workers?: number | 'auto';
}

export type CommandLine =
  | { readonly kind: 'serve'; readonly listening: Listening }
  /** Read the configuration, say what would be done, open nothing. */
  | { readonly kind: 'check'; readonly listening: Listening }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'version'; readonly text: string }
  | { readonly kind: 'subcommand'; readonly subcommand: Subcommand }
  | { readonly kind: 'usage-error'; readonly message: string };

/**
 * Reads the arguments of the program. Never throws.
 *
 * @param args What stands after the name of the program.
 */
export function parseCommandLine(args: readonly string[], facts: { readonly version: string }): CommandLine {
  const other = parseSubcommand(args);
  if (other !== undefined) {
    return other.ok ? { kind: 'subcommand', subcommand: other.value } : usageError(other.why);
  }
  const raw = readOptions(args);
  if (!raw.ok) return usageError(raw.why);
  const given = raw.value;
  if (given.help === true) return { kind: 'help', text: helpText() };
  if (given.version === true) return { kind: 'version', text: `iipsrv ${facts.version}` };
  const listening = parseListening(given);
  if (!listening.ok) return usageError(listening.why);
  return { kind: given.check === true ? 'check' : 'serve', listening: listening.value };
}

/** How many processes are to serve: `auto` is one for each thread. */
export const workersOf = ({ workers = 1 }: Listening, { threads }: Pick<Config, 'threads'>): number =>
  workers === 'auto' ? threads : workers;

function usageError(message: string): CommandLine {
  return { kind: 'usage-error', message };
}

/** What yargs makes of the arguments: a list where an option is repeated. */
interface RawOptions {
  readonly bind?: string | readonly string[] | undefined;
  readonly backlog?: string | readonly string[] | undefined;
  readonly http?: string | readonly string[] | undefined;
  readonly admin?: string | readonly string[] | undefined;
  readonly workers?: string | readonly string[] | undefined;
  readonly gallery?: boolean | undefined;
  readonly check?: boolean | undefined;
  readonly version?: boolean | undefined;
  readonly help?: boolean | undefined;
}

function readOptions(args: readonly string[]): Parsed<RawOptions> {
  try {
    const raw = yargs()
      .scriptName('iipsrv')
      .exitProcess(false)
      .fail(false)
      .help(false)
      .version(false)
      .detectLocale(false)
      .parserConfiguration({
        'boolean-negation': false,
        'camel-case-expansion': false,
        'dot-notation': false,
      })
      .options(OPTIONS)
      .strictOptions()
      .parseSync([...args]);
    const stray = raw._[0];
    if (stray !== undefined) return { ok: false, why: `unexpected argument: ${stray}` };
    if ([raw.gallery, raw.check, raw.version, raw.help].includes(false)) {
      return { ok: false, why: '--gallery, --check, --version and --help take no value' };
    }
    return { ok: true, value: raw };
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : String(error) };
  }
}

function parseListening(given: RawOptions): Parsed<Listening> {
  const bind = parseOption('bind', given.bind, parseBindAddress);
  if (!bind.ok) return bind;
  const backlog = parseOption('backlog', given.backlog, parseBacklog);
  if (!backlog.ok) return backlog;
  const http = parseOption('http', given.http, parseHttpAddress);
  if (!http.ok) return http;
  const admin = parseOption('admin', given.admin, parseHttpAddress);
  if (!admin.ok) return admin;
  const workers = parseOption('workers', given.workers, parseWorkers);
  if (!workers.ok) return workers;
  return {
    ok: true,
    value: {
      ...(bind.value === undefined ? {} : { bind: bind.value }),
      backlog: backlog.value ?? DEFAULT_BACKLOG,
      ...(http.value === undefined ? {} : { http: http.value }),
      ...(admin.value === undefined ? {} : { admin: admin.value }),
      ...(given.gallery === true ? { gallery: true } : {}),
      ...(workers.value === undefined ? {} : { workers: workers.value }),
    },
  };
}

/** The value of one option, undefined when it is not given; complaints name the option. */
function parseOption<T>(
  name: string,
  given: string | readonly string[] | undefined,
  parse: (text: string) => Parsed<T>,
): Parsed<T | undefined> {
  if (given === undefined) return { ok: true, value: undefined };
  if (typeof given !== 'string') return { ok: false, why: `--${name} is given more than once` };
  if (given === '') return { ok: false, why: `--${name} needs a value` };
  const parsed = parse(given);
  return parsed.ok ? parsed : { ok: false, why: `--${name} ${given}: ${parsed.why}` };
}

const parseBacklog = (text: string): Parsed<number> => parseCount(text, MAX_BACKLOG);

const parseWorkers = (text: string): Parsed<number | 'auto'> =>
  text === 'auto' ? { ok: true, value: text } : parseCount(text, MAX_WORKERS);

function parseCount(text: string, max: number): Parsed<number> {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  return value >= 1 && value <= max
    ? { ok: true, value }
    : { ok: false, why: `is no whole number from 1 to ${max}` };
}
