/** Planes that a description of the whole file tells of: which directories they are, and those without a directory. */
import type { Report } from '../open-context.ts';
import { MAX_DIRECTORIES } from './chain.ts';
import type { Candidate } from './chain.ts';
import { compressionOf } from './compression.ts';
import type { TiffFile } from './directory.ts';
import { imageJNames, parseImageJ } from './imagej.ts';
import type { ImageJStack } from './imagej.ts';
import { isOme, omePlanes } from './ome.ts';
import { rowBytesOf } from './unpack.ts';
import type { Subfile } from './subfile.ts';
import { readNumbers, readText } from './values.ts';

export interface Planes {
  /** By the number of the directory in the chain: these are pages, whatever their sizes. */
  readonly names: ReadonlyMap<number, string>;
  /** Pages that lie behind the only directory. */
  readonly behind: readonly { readonly subfile: Subfile; readonly name: string }[];
}

const NO_PLANES: Planes = { names: new Map(), behind: [] };

/** What the ImageDescription of the first image says of the others. */
export async function readPlanes(
  file: TiffFile,
  first: Candidate,
  chain: readonly Candidate[],
  report: Report,
): Promise<Planes> {
  const description = await readText(file, first.subfile.directory, 'ImageDescription');
  if (description === undefined) return NO_PLANES;
  if (isOme(description)) return { names: omePlanes(description, file.blocks.source.path), behind: [] };
  const stack = parseImageJ(description);
  if (stack === undefined || stack.images < 2) return NO_PLANES;
  if (chain.length > 1) return { names: namesOf(stack, chain.length), behind: [] };
  return planesBehind(file, first, stack, report);
}

/** Names by number; none when the file has another number of planes. */
function namesOf(stack: ImageJStack, images: number): Map<number, string> {
  return new Map(stack.images === images ? imageJNames(stack, images).entries() : []);
}

/** Uncompressed planes without gaps, each as large as the first. */
async function planesBehind(
  file: TiffFile,
  { subfile, index }: Candidate,
  stack: ImageJStack,
  report: Report,
): Promise<Planes> {
  const start = await contiguousStart(file, subfile);
  if (start === undefined) return NO_PLANES;
  const { width, height, samplesPerPixel, bitsPerSample = 1 } = subfile;
  const planeBytes = height * rowBytesOf(width, samplesPerPixel, bitsPerSample);
  const there = Math.floor((file.blocks.size - start) / planeBytes);
  const images = Math.min(stack.images, there, MAX_DIRECTORIES);
  if (images < stack.images)
    report('an ImageJ stack is served in part', { images: stack.images, there, served: images });
  if (images < 2) return NO_PLANES;
  const names = imageJNames(stack, images);
  const behind = names
    .map((name, plane) => ({ subfile: { ...subfile, shift: plane * planeBytes }, name }))
    .slice(1);
  return { names: new Map([[index, names[0] ?? '']]), behind };
}

/** Where the pixels of an image begin that lie in the file in one piece. */
async function contiguousStart(file: TiffFile, subfile: Subfile): Promise<number | undefined> {
  const { grid, width, samplesPerPixel, bitsPerSample = 1 } = subfile;
  const isPlain =
    grid.kind === 'strips' && !subfile.isPlanar && compressionOf(subfile.compression).name === 'none';
  if (!isPlain) return undefined;
  const offsets = await readNumbers(file, subfile.directory, 'StripOffsets');
  const stripBytes = grid.height * rowBytesOf(width, samplesPerPixel, bitsPerSample);
  const [start] = offsets;
  return offsets.every((offset, strip) => offset === (start ?? 0) + strip * stripBytes) ? start : undefined;
}
