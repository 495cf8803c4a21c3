/** Stacks of ImageJ: all planes one behind the other, of which a file over 4 GB has a directory for the first only. */

export interface ImageJStack {
  readonly images: number;
  readonly channels: number;
  readonly slices: number;
  readonly frames: number;
}

/**
 * What an ImageDescription of ImageJ says; undefined for any other description.
 *
 *     ImageJ=1.53t
 *     images=30
 *     channels=3
 *     slices=10
 *     hyperstack=true
 */
export function parseImageJ(description: string): ImageJStack | undefined {
  if (!description.startsWith('ImageJ=')) return undefined;
  const number = (name: string): number =>
    Number(new RegExp(`^${name}=(\\d{1,9})\\s*$`, 'm').exec(description)?.[1] ?? 1);
  return {
    images: number('images'),
    channels: number('channels'),
    slices: number('slices'),
    frames: number('frames'),
  };
}

/** Names of the first planes, channels the fastest; those that fit no dimensions have none. */
export function imageJNames({ images, channels, slices, frames }: ImageJStack, length: number): string[] {
  const isComplete = channels * slices * frames === images;
  return Array.from({ length }, (_, i) => {
    if (!isComplete) return '';
    const slice = Math.floor(i / channels);
    return `C=${i % channels} Z=${slice % slices} T=${Math.floor(slice / slices)}`;
  });
}
