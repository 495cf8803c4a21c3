/**
 * A process in which libvips does jobs, so that a crash, a stall or a lack of memory in native code ends it and
 * nothing else. It ends with the one that started it.
 */
import process from 'node:process';
import { PIECE_BYTES, type VipsMessage, type VipsRequest } from './messages.ts';
import { runHere } from './run-here.ts';

/** How often the memory is looked at while something is decoded. */
const WATCH_MS = 10;

let file = new Uint8Array(0);

process.on('disconnect', die);
process.on('message', (message) => void take(message as VipsRequest));
await send({ kind: 'ready' });

async function take(request: VipsRequest): Promise<void> {
  if (request.kind === 'bytes') {
    if (request.at === 0) file = new Uint8Array(request.fileBytes);
    file.set(request.bytes, request.at);
    return;
  }
  const bytes = file;
  file = new Uint8Array(0);
  // libvips works beside the event loop of this process, so the watch goes on.
  const watch = setInterval(() => watchMemory(request.maxBytes), WATCH_MS);
  try {
    const { data, ...pixels } = await runHere(bytes, request.job);
    await send({ kind: 'made', pixels, dataBytes: data.length });
    for (let at = 0; at < data.length; at += PIECE_BYTES)
      await send({ kind: 'data', at, bytes: data.subarray(at, at + PIECE_BYTES) });
  } catch (error) {
    await send({ kind: 'refused', reason: error instanceof Error ? error.message : String(error) });
  } finally {
    clearInterval(watch);
    // Only where memory is to be spared: pixels that are sent are garbage that the collector does not see for long.
    globalThis.gc?.();
  }
}

function watchMemory(maxBytes: number): void {
  if (process.memoryUsage.rss() > maxBytes) die();
}

/** At once, whatever the library's threads are doing. */
function die(): void {
  process.kill(process.pid, 'SIGKILL');
}

function send(message: VipsMessage): Promise<void> {
  return new Promise((resolve) => process.send?.(message, () => resolve()));
}
