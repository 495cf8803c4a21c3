#!/usr/bin/env node
/** The program: reads the command line and the environment, and has the rooms do what they ask for. */
import { checkReport } from './config/check-report.ts';
import { parseCommandLine, workersOf, type Listening } from './config/command-line.ts';
import { EXIT_STATUS } from './config/options.ts';
import { createLog } from './log.ts';
import { catchStrays, FACTS, onStopSignals, readSettings, sizeThreadPool, VERSION } from './program.ts';
import type { Service } from './serve.ts';
import { runSubcommand } from './subcommands.ts';

function leave(status: number, stream: NodeJS.WriteStream, text: string): void {
  stream.write(`${text}\n`);
  process.exitCode = status;
}

async function start(listening: Listening): Promise<void> {
  const { config, warnings, errors } = readSettings();
  if (errors.length > 0) {
    const lines = errors.map(({ message }) => `iipsrv: ${message}`);
    return leave(EXIT_STATUS.cannotServe, process.stderr, lines.join('\n'));
  }
  const count = workersOf(listening, config);
  if (count === 1) sizeThreadPool(config.threads); // Before the log opens a file.
  const log = createLog(config.verbosity, config.logTarget);
  catchStrays(log);
  for (const warning of warnings)
    log.warn({ variable: warning.variable, used: warning.used }, warning.message);
  let service: Service;
  // One process has no use for what keeps several, nor they for what serves.
  try {
    service =
      count === 1
        ? await (await import('./serve.ts')).serve(config, listening, log)
        : await (await import('./supervise.ts')).supervise(config, { listening, count }, log);
  } catch (thrown) {
    await log.close();
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    return leave(EXIT_STATUS.cannotServe, process.stderr, `iipsrv: ${reason}`);
  }
  process.on('SIGHUP', () => void service.renew().then((done) => log.info({}, done)));
  onStopSignals(
    async (signal) => {
      const facts = await service.stop();
      log.info({ signal, ...facts }, 'iipsrv stops');
      await log.close();
    },
    () => service.kill(),
  );
}

const commandLine = parseCommandLine(process.argv.slice(2), { version: VERSION });
switch (commandLine.kind) {
  case 'help':
  case 'version':
    leave(EXIT_STATUS.done, process.stdout, commandLine.text);
    break;
  case 'usage-error':
    leave(EXIT_STATUS.usage, process.stderr, `iipsrv: ${commandLine.message}\nTry: iipsrv --help`);
    break;
  case 'subcommand': {
    const { exitStatus, text, hasFailed } = await runSubcommand(commandLine.subcommand, process.stdin);
    leave(exitStatus, hasFailed === true ? process.stderr : process.stdout, text);
    break;
  }
  case 'check': {
    const report = checkReport(readSettings(), commandLine.listening, FACTS);
    leave(report.exitStatus, process.stdout, report.text);
    break;
  }
  case 'serve':
    await start(commandLine.listening);
}
