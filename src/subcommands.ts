/** Runs the commands that do something else than serve: what they print, and the status they end with. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { showAddress } from './config/address.ts';
import { EXIT_STATUS } from './config/options.ts';
import type { DoctorCommand, ShadowCommand, Subcommand, WarmCommand } from './config/subcommands.ts';

export interface Outcome {
  readonly exitStatus: number;
  readonly text: string;
  /** The text says why there is nothing to tell: it is for standard error. */
  readonly hasFailed?: true;
}

/** Never rejects. @param input standard input. */
export async function runSubcommand(command: Subcommand, input: NodeJS.ReadableStream): Promise<Outcome> {
  try {
    switch (command.kind) {
      case 'doctor':
        return await doctor(command);
      case 'warm':
        return await warm(command);
      case 'shadow':
        return await shadow(command, input);
    }
  } catch (thrown) {
    const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
    const text = `iipsrv ${command.kind}: ${cause instanceof Error ? cause.message : String(cause)}`;
    return { exitStatus: EXIT_STATUS.cannotServe, text, hasFailed: true };
  }
}

async function doctor({ files, isJson }: DoctorCommand): Promise<Outcome> {
  const { examine } = await import('./doctor/report.ts');
  return examine(files, isJson);
}

async function warm({ admin, ids }: WarmCommand): Promise<Outcome> {
  const address = showAddress({ ...admin, host: admin.host ?? '127.0.0.1' });
  const response = await fetch(`http://${address}/warm`, { method: 'POST', body: ids.join('\n') });
  const text = (await response.text()).trim();
  return response.ok
    ? { exitStatus: EXIT_STATUS.done, text }
    : { exitStatus: EXIT_STATUS.cannotServe, text, hasFailed: true };
}

async function shadow(command: ShadowCommand, input: NodeJS.ReadableStream): Promise<Outcome> {
  // Loaded here only: who serves does not compare.
  const [{ replay }, { reportText }] = [
    await import('./shadow/replay.ts'),
    await import('./shadow/report-text.ts'),
  ];
  const stream: NodeJS.ReadableStream = command.logFile === '-' ? input : createReadStream(command.logFile);
  const failed = new Promise<never>((_, reject) => void stream.on('error', reject));
  const lines = createInterface({ input: stream, crlfDelay: Infinity });
  const report = await Promise.race([
    replay(lines, { ...command, timeoutMs: command.timeoutSeconds * 1000 }),
    failed,
  ]);
  const differing = report.requests - report.counts.same - report.counts.close;
  return {
    exitStatus: differing === 0 ? EXIT_STATUS.done : EXIT_STATUS.differs,
    text: command.isJson ? JSON.stringify(report, undefined, 2) : reportText(report),
  };
}
