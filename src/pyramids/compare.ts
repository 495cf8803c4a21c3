/** Whether a pyramid shows the picture that it was made of. */
import type { ImageReader } from '../image/reader.ts';

const SIDE = 64;

/** Windows of full size that are compared: corners and middle. */
const PLACES = [
  [0, 0],
  [1, 0],
  [0, 1],
  [1, 1],
  [0.5, 0.5],
] as const;

/**
 * The mean difference of a sample at full size, of the window where it is largest; infinite when the pictures have
 * other sizes, levels or samples.
 */
export async function differenceOf(source: ImageReader, pyramid: ImageReader): Promise<number> {
  const shape = ({ info }: ImageReader): string =>
    JSON.stringify([
      info.bands,
      info.bitsPerSample,
      info.colorSpace,
      info.sampleFormat,
      info.levels.map(({ width, height, tileWidth, tileHeight }) => [width, height, tileWidth, tileHeight]),
    ]);
  if (shape(source) !== shape(pyramid)) return Infinity;
  const { width, height } = source.info.levels[0]!;
  const size = { width: Math.min(SIDE, width), height: Math.min(SIDE, height) };
  let largest = 0;
  for (const [x, y] of PLACES) {
    const place = { x: Math.floor((width - size.width) * x), y: Math.floor((height - size.height) * y) };
    const address = { page: 0, level: 0, window: { ...place, ...size } };
    const a = (await source.readWindow(address)).data;
    const b = (await pyramid.readWindow(address)).data;
    let sum = 0;
    for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]! - b[i]!);
    largest = Math.max(largest, sum / a.length);
  }
  return largest;
}
