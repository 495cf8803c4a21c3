/** Where libvips does its jobs: in this thread, or, where crashes must not be seen, in a process of its own. */
import type { VipsJob, VipsPixels } from './jobs.ts';
import { runHere } from './run-here.ts';
import { VipsProcess, type VipsOptions } from './vips-process.ts';

/** A file. */
export interface VipsInput {
  readonly length: number;
  readonly read: (offset: number, length: number) => Uint8Array | Promise<Uint8Array>;
  /** Of the whole picture as a decoder holds it, so that its memory can be bounded. */
  readonly pixelBytes: number;
}

type Run = (input: VipsInput, job: VipsJob) => Promise<VipsPixels>;

let run: Run = async (input, job) => runHere(await input.read(0, input.length), job);

/**
 * Does a job.
 *
 * @throws Error what libvips says; {ServerError} what reading throws, and as `VipsProcess` does.
 */
export const runVips: Run = (input, job) => run(input, job);

/** From now on this thread has a process for it. */
export function isolateVips(options: Partial<VipsOptions> = {}): void {
  const child = new VipsProcess(options);
  run = (input, job) => child.run(input, job);
}

/** A file that is in memory already. */
export function bytesAsInput(bytes: Uint8Array, pixelBytes: number): VipsInput {
  return {
    length: bytes.length,
    read: (offset, length) => bytes.subarray(offset, offset + length),
    pixelBytes,
  };
}
