#!/usr/bin/env node
/** The program: the only file that touches `process`. Everything it does is done by the rooms that it puts together. */
import { availableParallelism, totalmem } from 'node:os';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { checkReport, describeListening } from './config/check-report.ts';
import { parseCommandLine, type Listening } from './config/command-line.ts';
import { describeSettings } from './config/describe-settings.ts';
import { EXIT_STATUS } from './config/options.ts';
import { readConfig } from './config/read-config.ts';
import { ownMemory } from './config/own-memory.ts';
import type { Facts } from './config/rules.ts';
import { AVAILABLE_AVIF_CODECS } from './encode/avif-codecs.ts';
import { createImageServer } from './image-server.ts';
import { createLog, type OpenLog } from './log.ts';
import { runSubcommand } from './subcommands.ts';
import { startServers, type RunningServers } from './servers.ts';

/** Requests under way may take this long after a signal to stop. */
const GRACE_MS = 10_000;

const version = readVersion();
const facts: Facts = {
  cpus: availableParallelism(),
  avifCodecs: AVAILABLE_AVIF_CODECS,
  memoryBytes: ownMemory(process.constrainedMemory(), totalmem()),
};

function readVersion(): string {
  const file = fileURLToPath(new URL('./version.json', import.meta.url));
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version;
}

function leave(status: number, stream: NodeJS.WriteStream, text: string): void {
  stream.write(`${text}\n`);
  process.exitCode = status;
}

async function serve(listening: Listening): Promise<void> {
  const { config, warnings, errors } = readConfig(process.env, facts);
  if (errors.length > 0) {
    leave(
      EXIT_STATUS.cannotServe,
      process.stderr,
      errors.map(({ message }) => `iipsrv: ${message}`).join('\n'),
    );
    return;
  }
  // Each rendering thread keeps one task of libuv's pool busy; files and names need some besides.
  process.env['UV_THREADPOOL_SIZE'] ??= String(config.threads + 4);
  const log = createLog(config.verbosity, config.logTarget);
  catchStrays(log);
  for (const warning of warnings)
    log.warn({ variable: warning.variable, used: warning.used }, warning.message);
  const imageServer = await createImageServer(config, log, version);
  let servers: RunningServers;
  try {
    servers = await startServers(listening, { imageServer, config, log, version });
  } catch (thrown) {
    await Promise.all([imageServer.stop(), log.close()]);
    leave(
      EXIT_STATUS.cannotServe,
      process.stderr,
      `iipsrv: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    );
    return;
  }
  log.info({ version, settings: Object.fromEntries(describeSettings(config, facts)), listening: describeListening(listening) }, 'iipsrv serves'); // prettier-ignore
  onSignals(log, {
    empty: async () => {
      imageServer.clearCaches();
      await servers.emptyOthers();
    },
    stop: async (signal) => {
      const outcome = await servers.stop(GRACE_MS);
      await imageServer.stop();
      log.info({ signal, served: servers.served, outcome }, 'iipsrv stops');
      await log.close();
    },
  });
}

/** No request may end the process: what nobody caught is logged, with its stack, and serving goes on. */
function catchStrays(log: OpenLog): void {
  process.on('uncaughtException', (err) => log.error({ err }, 'an error that nobody caught'));
  process.on('unhandledRejection', (err) => log.error({ err }, 'a rejection that nobody caught'));
}

interface SignalActions {
  readonly empty: () => Promise<void>;
  readonly stop: (signal: string) => Promise<void>;
}

function onSignals(log: OpenLog, actions: SignalActions): void {
  let isStopping = false;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGUSR1'] as const) {
    process.on(signal, () => {
      // Whoever asks a second time does not want to wait.
      if (isStopping) process.exit(EXIT_STATUS.done);
      isStopping = true;
      void actions.stop(signal).then(() => process.exit(EXIT_STATUS.done));
    });
  }
  process.on('SIGHUP', () => {
    void Promise.all([actions.empty(), log.reopen()]).then(() =>
      log.info({}, 'caches emptied, log reopened'),
    );
  });
}

const commandLine = parseCommandLine(process.argv.slice(2), { version });
switch (commandLine.kind) {
  case 'help':
  case 'version':
    leave(EXIT_STATUS.done, process.stdout, commandLine.text);
    break;
  case 'usage-error':
    leave(EXIT_STATUS.usage, process.stderr, `iipsrv: ${commandLine.message}\nTry: iipsrv --help`);
    break;
  case 'subcommand': {
    const { exitStatus, text } = await runSubcommand(commandLine.subcommand, process.stdin);
    leave(exitStatus, exitStatus === EXIT_STATUS.cannotServe ? process.stderr : process.stdout, text);
    break;
  }
  case 'check': {
    const report = checkReport(readConfig(process.env, facts), commandLine.listening, facts);
    leave(report.exitStatus, process.stdout, report.text);
    break;
  }
  case 'doctor': {
    const { examine } = await import('./doctor/report.ts');
    const report = await examine(commandLine.files, commandLine.isJson);
    leave(report.exitStatus, process.stdout, report.text);
    break;
  }
  case 'serve':
    await serve(commandLine.listening);
}
