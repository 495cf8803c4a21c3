/** Loads what a thread needs for its first picture before anybody asks for one. */
import type { Log } from '../log.ts';
import { byteRaster } from '../image/raster.ts';

/** A request that is there already is answered first. */
const DELAY_MS = 250;

const SIDE = 16;

/** Modules, WebAssembly and the JPEG encoder: about a quarter of a second for which no client has to wait. */
export async function prepareRendering(): Promise<void> {
  const [{ encode }, { kernelMemory }] = await Promise.all([
    import('../encode/encoders.ts'),
    import('../processing/pixel-kernels.ts'),
    import('./execute.ts'),
  ]);
  kernelMemory();
  const gray = byteRaster({ width: SIDE, height: SIDE }, 1, new Uint8Array(SIDE * SIDE));
  await encode(gray, { format: 'jpeg', quality: 75 }, {});
}

/** The same in a while. A failure is told in the log; requests will meet it again. */
export function prepareSoon(log: Log): void {
  setTimeout(() => {
    prepareRendering().catch((err: unknown) =>
      log.warn({ err }, 'what pictures are made with cannot be loaded'),
    );
  }, DELAY_MS).unref();
}
