/**
 * A process that decodes codestreams with OpenJPEG, so that a crash, a stall or a lack of memory in native code ends it
 * and nothing else. It ends with the one that started it. Arguments: bytes of memory, names of the library.
 */
import process from 'node:process';
import { loadOpenJpeg, type OpenJpeg } from './openjpeg.ts';
import type { NativeMessage, NativeRequest } from './messages.ts';

/** How often the memory is looked at while something is decoded. */
const WATCH_MS = 10;

const [maxBytes, ...names] = process.argv.slice(2);
const library = await load();
if (library !== undefined) {
  process.on('disconnect', die);
  process.on('message', (message) => void answer(library, message as NativeRequest).then(send));
  send({ kind: 'ready', version: library.version });
}

async function load(): Promise<OpenJpeg | undefined> {
  try {
    const { default: koffi } = await import('koffi');
    return loadOpenJpeg(koffi, names);
  } catch (error) {
    send({ kind: 'absent', reason: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
}

async function answer(openJpeg: OpenJpeg, request: NativeRequest): Promise<NativeMessage> {
  watchMemory();
  const watch = setInterval(watchMemory, WATCH_MS);
  try {
    return { kind: 'planes', id: request.id, planes: await openJpeg.decode(request) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: 'refused', id: request.id, reason };
  } finally {
    clearInterval(watch);
  }
}

/** At once, whatever the library's threads are doing. */
function die(): void {
  process.kill(process.pid, 'SIGKILL');
}

function watchMemory(): void {
  if (process.memoryUsage.rss() > Number(maxBytes)) die();
}

function send(message: NativeMessage): void {
  process.send?.(message);
}
