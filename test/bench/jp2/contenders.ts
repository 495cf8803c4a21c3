/** Who decodes: our reader in this process or with OpenJPEG in another, and opj_decompress as a user can install it. */
import { spawnSync } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { BlockReader } from '../../../src/image/block-reader.ts';
import type { NativeDecoder } from '../../../src/image/jp2/native/decoder.ts';
import { openJp2 } from '../../../src/image/jp2/open.ts';
import type { ImageReader } from '../../../src/image/reader.ts';
import type { ByteSource } from '../../../src/image/source.ts';
import type { Rectangle } from '../../../src/image/raster.ts';

export interface Measured {
  /** Milliseconds of processor time for each window. */
  readonly cpuMs: number;
  readonly wallMs: number;
  /** Bytes read for each window; unknown of others. */
  readonly bytes?: number;
}

export interface Request {
  readonly file: string;
  readonly reduction: number;
  /** Pixels at full size. */
  readonly side: number;
  /** Windows in pixels of the reduced picture. */
  readonly windows: readonly Rectangle[];
}

/** Windows of each row that are not counted: a server's code has long been compiled. */
export const WARM_UP = 6;

/** The file stays open, as in the server; windows come one after another, most of them for the first time. */
export async function measureReader(
  { file, reduction, windows }: Request,
  native?: NativeDecoder,
): Promise<Measured> {
  const source = new CountingSource(file);
  const reader = await openJp2(new BlockReader(source), { isStrict: false, native });
  try {
    await decode(reader, reduction, windows.slice(0, WARM_UP));
    source.bytes = 0;
    const cpu = process.cpuUsage();
    const childMs = cpuMsOf(native?.pid);
    const start = performance.now();
    await decode(reader, reduction, windows.slice(WARM_UP));
    const wallMs = performance.now() - start;
    const { user, system } = process.cpuUsage(cpu);
    const count = windows.length - WARM_UP;
    const cpuMs = (user + system) / 1000 + cpuMsOf(native?.pid) - childMs;
    return { cpuMs: cpuMs / count, wallMs: wallMs / count, bytes: source.bytes / count };
  } finally {
    reader.close();
  }
}

/** Hundredths of seconds, as Linux counts in `/proc`, of all threads of a process; 0 without one. */
function cpuMsOf(pid: number | undefined): number {
  if (pid === undefined) return 0;
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function decode(reader: ImageReader, level: number, windows: readonly Rectangle[]): Promise<void> {
  for (const window of windows) await reader.readWindow({ page: 0, level, window, layers: 1 });
}

/** A process for each window, as there is no other way; what it costs to start one that does nothing is taken off. */
export function measureOpenJpeg(request: Request, folder: string): Measured {
  const { windows } = request;
  const start = performance.now();
  const cpu = shellCpuMs(windows.map((window) => openJpegCommand(request, window, folder)));
  const wallMs = performance.now() - start;
  const idle = shellCpuMs(windows.map(() => 'opj_decompress -h'));
  return { cpuMs: (cpu - idle) / windows.length, wallMs: wallMs / windows.length };
}

function openJpegCommand({ file, reduction, side }: Request, window: Rectangle, folder: string): string {
  const [left, top] = [window.x * 2 ** reduction, window.y * 2 ** reduction];
  const right = Math.min(side, left + window.width * 2 ** reduction);
  const bottom = Math.min(side, top + window.height * 2 ** reduction);
  return `opj_decompress -i '${file}' -o '${folder}/out.raw' -r ${reduction} -d ${left},${top},${right},${bottom}`;
}

/** User and system time of the children, which `times` prints in its second line. */
function shellCpuMs(commands: readonly string[]): number {
  const script = `${commands.map((command) => `${command} >/dev/null 2>&1`).join('\n')}\ntimes`;
  const { stdout } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  const [, children = ''] = stdout.split('\n');
  const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(([, m, s]) => Number(m) * 60 + Number(s));
  return seconds.reduce((sum, value) => sum + value, 0) * 1000;
}

class CountingSource implements ByteSource {
  readonly path: string;
  readonly identity;
  bytes = 0;
  readonly #descriptor: number;

  constructor(file: string) {
    this.path = file;
    this.#descriptor = openSync(file, 'r');
    const { size, mtimeMs, ino } = fstatSync(this.#descriptor);
    this.identity = { size, mtimeMs, inode: ino };
  }

  read(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    if (readSync(this.#descriptor, bytes, 0, length, offset) !== length) throw new Error('a short read');
    this.bytes += length;
    return bytes;
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
