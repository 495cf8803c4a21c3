/** The log of the server: JSON lines by pino, written in batches that can neither throw into the server nor stop it. */
import { type Logger, pino } from 'pino';
import type { LogTarget } from './config/config.ts';
import { FileOutlet, StderrOutlet } from './log/descriptor-outlets.ts';
import { LineBuffer } from './log/line-buffer.ts';
import type { Outlet, Tell } from './log/outlet.ts';
import { Pace } from './log/pace.ts';
import { SyslogOutlet, type SyslogSettings } from './log/syslog-outlet.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

/** What every room asks of a log. `fields` become members of the line; an error goes into the field `err`. */
export interface Log {
  /** It writes nothing: what only goes into lines need not be made. */
  readonly isSilent?: boolean;
  trace(fields: object, message: string): void;
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** A log with its life, for those who open and close it. None of the promises rejects. */
export interface OpenLog extends Log {
  /** Opens the file anew, after its old one was renamed by log rotation. */
  reopen(): Promise<void>;
  /** Resolves when every line until now is written, or given up and counted. */
  flush(): Promise<void>;
  /** Flushes for at most two seconds; lines that come later are dropped. */
  close(): Promise<void>;
}

/** A log that writes the lines of other threads too. */
export interface MainLog extends OpenLog {
  /** Takes whole lines that another thread has made for this log. */
  relay(lines: string, isUrgent: boolean): void;
}

/** The log of another thread, whose lines the main thread writes among its own. */
export interface RelayLog extends Log {
  /** Hands over what waits. */
  send(): void;
}

export interface LogDeps {
  /** Descriptor of standard error. */
  readonly stderr?: number;
  readonly syslog?: Partial<SyslogSettings>;
  /** Characters that may wait to be written before lines are dropped. */
  readonly maxWaiting?: number;
  /** What stands before each line, by pino's number of its level; else it is as the target wants it. */
  readonly prefix?: (level: number) => string;
}

/** Severities of RFC 5424 by pino's numbers for levels. */
const SEVERITIES: Readonly<Record<number, number>> = { 10: 7, 20: 7, 30: 6, 40: 4, 50: 3 };
const WARN = 40;

/** From one message with lines to the next. */
const RELAY_MS = 25;

/** pino's public way to be told the level of each line. */
const WANTS_LEVEL = Symbol.for('pino.metadata');

/** The least level that a VERBOSITY lets through. */
export function levelOf(verbosity: number): LogLevel | 'silent' {
  if (verbosity <= 0) return 'silent';
  if (verbosity < 2) return 'info';
  return verbosity < 3 ? 'debug' : 'trace';
}

/**
 * Opens the log.
 *
 * Lines are written when enough of them wait, after a quarter of a second, and at once from `warn` upwards. A
 * target that cannot be used is told in one line on standard error, which then takes its place (BEHAVIOUR 2).
 *
 * @param verbosity VERBOSITY; at 0 nothing is opened or written.
 */
export function createLog(verbosity: number, target: LogTarget, deps: LogDeps = {}): MainLog {
  if (levelOf(verbosity) === 'silent') return silentLog();
  const tell: Tell = (fields, message) => logger.warn(fields, message);
  const prefix = deps.prefix ?? prefixFor(target);
  const buffer = new LineBuffer(openOutlet(target, deps, tell), {
    lostLine: (lost, why) => `${prefix(WARN)}${lostLine(lost, why)}\n`,
    ...(deps.maxWaiting === undefined ? {} : { maxWaiting: deps.maxWaiting }),
  });
  const logger = makePino(
    verbosity,
    streamTo(prefix, (line, isUrgent) => buffer.add(line, isUrgent)),
  );
  return {
    ...methodsOf(logger),
    relay: (lines, isUrgent) => buffer.add(lines, isUrgent),
    reopen: () => buffer.reopen(),
    flush: () => buffer.flush(),
    close: () => buffer.close(),
  };
}

/**
 * The log of a process whose standard error is read by the one that started it: whole lines as `target` wants them, which
 * that one writes there.
 *
 * @param verbosity as for `createLog`.
 */
export function createPipedLog(verbosity: number, target: LogTarget): MainLog {
  return createLog(verbosity, { kind: 'stderr' }, { prefix: prefixFor(target) });
}

/**
 * A log whose lines are handed to `send`: those of one turn of the event loop together, and under load those of some turns, as
 * each message wakes the main thread.
 *
 * @param verbosity as for `createLog`, with the target that the lines get to in the end.
 */
export function createRelayLog(
  verbosity: number,
  target: LogTarget,
  send: (lines: string, isUrgent: boolean) => void,
): RelayLog {
  if (levelOf(verbosity) === 'silent') return silentLog();
  let waiting = '';
  let areUrgent = false;
  const sendWaiting = (): void => {
    if (waiting !== '') send(waiting, areUrgent);
    waiting = '';
    areUrgent = false;
  };
  const pace = new Pace(() => setImmediate(sendWaiting), RELAY_MS);
  const add = (line: string, isUrgent: boolean): void => {
    if (waiting === '') pace.soon();
    waiting += line;
    areUrgent ||= isUrgent;
  };
  return { ...methodsOf(makePino(verbosity, streamTo(prefixFor(target), add))), send: sendWaiting };
}

const prefixFor = (target: LogTarget): ((level: number) => string) =>
  target.kind === 'syslog' ? (level) => `<${SEVERITIES[level] ?? 6}>` : () => '';

function streamTo(
  prefix: (level: number) => string,
  add: (line: string, isUrgent: boolean) => void,
): LevelAwareStream {
  return {
    [WANTS_LEVEL]: true,
    lastLevel: 0,
    write(line) {
      add(prefix(this.lastLevel) + line, this.lastLevel >= WARN);
    },
  };
}

/** Bound once: a level that is off stays pino's empty function. */
function methodsOf(logger: Logger): Log {
  return {
    trace: logger.trace.bind(logger),
    debug: logger.debug.bind(logger),
    info: logger.info.bind(logger),
    warn: logger.warn.bind(logger),
    error: logger.error.bind(logger),
  };
}

/** pino sets `lastLevel` before each line that it writes. */
interface LevelAwareStream {
  readonly [WANTS_LEVEL]: true;
  lastLevel: number;
  write(line: string): void;
}

function makePino(verbosity: number, stream: LevelAwareStream): Logger {
  return pino(
    {
      level: levelOf(verbosity),
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: pino.stdSerializers.errWithCause },
    },
    stream,
  );
}

function openOutlet(target: LogTarget, deps: LogDeps, tell: Tell): Outlet {
  const stderr = new StderrOutlet(deps.stderr ?? 2);
  switch (target.kind) {
    case 'stderr':
      return stderr;
    case 'file':
      return new FileOutlet(target.path, stderr, tell);
    case 'syslog':
      return new SyslogOutlet(stderr, tell, deps.syslog);
  }
}

/** In the shape of pino's lines; it stands before the lines that were not lost. */
function lostLine(lost: number, reason: string): string {
  return JSON.stringify({
    level: 'warn',
    time: new Date().toISOString(),
    lost,
    reason,
    msg: 'log lines were lost',
  });
}

function silentLog(): MainLog & RelayLog {
  const nothing = (): void => undefined;
  const done = (): Promise<void> => Promise.resolve();
  return {
    isSilent: true,
    trace: nothing,
    debug: nothing,
    info: nothing,
    warn: nothing,
    error: nothing,
    reopen: done,
    flush: done,
    close: done,
    relay: nothing,
    send: nothing,
  };
}
