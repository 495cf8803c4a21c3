/** libjpeg-turbo's encoder through a prebuilt binding: an optional dependency, for where koffi is not. */
import { createRequire } from 'node:module';
import type * as Binding from '@julusian/jpeg-turbo';
import type { JpegCompressor } from '../image/system/turbo-compressor.ts';

/** What of the binding is used: the names and numbers are its own. */
type TurboBinding = Pick<
  typeof Binding,
  'compressSync' | 'bufferSize' | 'FORMAT_GRAY' | 'FORMAT_RGB' | 'SAMP_GRAY' | 'SAMP_420'
>;

const require = createRequire(import.meta.url);

/** The encoder; `undefined` where the package was not installed or has no binary for this machine. Then sharp takes its place. */
export function loadTurboBinding(
  load: () => unknown = () => require('@julusian/jpeg-turbo'),
): JpegCompressor | undefined {
  try {
    return compressorOf(load() as TurboBinding);
  } catch {
    return undefined;
  }
}

function compressorOf(binding: TurboBinding): JpegCompressor {
  const sampling = (bands: 1 | 3): number => (bands === 1 ? binding.SAMP_GRAY : binding.SAMP_420);
  return {
    boundOf: ({ width, height, bands }) =>
      binding.bufferSize({ width, height, subsampling: sampling(bands) }),
    compressInto: (pixels, { width, height, bands }, { quality, output }) => {
      const format = bands === 1 ? binding.FORMAT_GRAY : binding.FORMAT_RGB;
      const options = { width, height, subsampling: sampling(bands), quality, format };
      return binding.compressSync(bufferOf(pixels), bufferOf(output), options).length;
    },
  };
}

/** The same bytes as the `Buffer` that the binding's types ask for. */
function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
