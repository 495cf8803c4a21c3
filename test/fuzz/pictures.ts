/** Tries damaged pictures in a child process that may die, hang or eat memory: each of these is a finding. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Scope } from '../support/scope.ts';
import type { Trial } from './fuzzer.ts';
import type { ChildMessage, ParentMessage } from './picture-messages.ts';

export const PICTURE_LIMITS = {
  /** Of processor time. */
  cpuMs: 5_000,
  /** Of waiting: others use the machine too. */
  wallMs: 30_000,
  /** More than the process ever had before. */
  peakMegabytes: 768,
  /** After garbage was collected. */
  megabytes: 640,
} as const;

const CHILD = fileURLToPath(new URL('./picture-child.js', import.meta.url));

export function pictureTrial(scope: Scope): Trial {
  let child: ChildProcess | undefined;
  const stop = (): void => {
    child?.kill('SIGKILL');
    child = undefined;
  };
  scope.defer(stop);
  return async (input) => {
    child ??= fork(CHILD, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    const answer = await ask(child, input);
    const fault = typeof answer === 'string' ? answer : faultOf(answer);
    if (typeof answer === 'string' || answer.megabytes > PICTURE_LIMITS.megabytes) stop();
    if (fault !== undefined) throw new Error(fault);
  };
}

/** A text says how the process ended. */
async function ask(child: ChildProcess, bytes: Uint8Array): Promise<ChildMessage | string> {
  const over = new AbortController();
  const options = { signal: over.signal };
  const message: ParentMessage = { kind: 'try', bytes };
  let stderr = '';
  const hear = (text: Buffer): void => void (stderr = (stderr + text.toString()).slice(-2_000));
  child.stderr?.on('data', hear);
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer after ${PICTURE_LIMITS.wallMs} ms`), PICTURE_LIMITS.wallMs);
  });
  const answer = once(child, 'message', options).then(([sent]) => sent as ChildMessage);
  const death = once(child, 'exit', options).then(([code, signal]) => `it died: ${code ?? signal} ${stderr}`);
  try {
    child.send(message);
    return await Promise.race([answer, death, hang]);
  } finally {
    clearTimeout(timer);
    over.abort();
    for (const unheard of [answer, death]) unheard.catch(() => undefined);
    child.stderr?.off('data', hear);
  }
}

function faultOf({ fault, cpuMs, peakMegabytes }: ChildMessage): string | undefined {
  if (fault !== undefined) return fault;
  if (cpuMs > PICTURE_LIMITS.cpuMs) return `it took ${Math.round(cpuMs)} ms of processor time`;
  return peakMegabytes > PICTURE_LIMITS.peakMegabytes ? `it took ${peakMegabytes} MB` : undefined;
}
