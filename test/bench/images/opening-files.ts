/** Pictures whose opening is measured: one of each kind of source, under as many names as are opened for the first time. */
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { buildTiff, pictureTags } from '../../image/support/build-tiff.ts';
import { writeSparsePyramid } from '../../support/sparse-pyramid.ts';
import { paint } from './paint.ts';
import { fileNameOf, RECIPES, type ImageName } from './recipes.ts';

export interface OpeningFile {
  readonly name: string;
  readonly title: string;
  readonly extension: string;
  /** A picture of the other parts, … */
  readonly image?: ImageName;
  /** … or what makes one at a path, `images` being the folder of those. */
  readonly make?: (file: string, images: string) => Promise<void> | void;
  /** Cold it is to be described in less. */
  readonly goalMs?: number;
}

const PAGES = 100;

export const OPENING_FILES: readonly OpeningFile[] = [
  { name: 'pyramid', title: 'tiled TIFF, 6 levels', extension: 'tif', image: 'rgb-deflate' },
  {
    name: 'sparse',
    title: 'BigTIFF of 100,000 × 100,000, 8 levels',
    extension: 'tif',
    make: writeSparsePyramid,
    goalMs: 5,
  },
  { name: 'pages', title: `tiled TIFF, ${PAGES} pages`, extension: 'tif', make: writePages },
  {
    name: 'strips',
    title: 'TIFF in strips',
    extension: 'tif',
    make: painted(4096, (picture) => picture.tiff({ compression: 'deflate', predictor: 'horizontal' })),
  },
  { name: 'jpeg', title: 'JPEG', extension: 'jpg', image: 'flat-jpeg' },
  { name: 'jp2', title: 'JPEG 2000 (JP2), tiles of 256', extension: 'jp2', image: 'jp2' },
  { name: 'j2k', title: 'JPEG 2000 (codestream)', extension: 'j2k', make: writeCodestream },
  {
    name: 'png',
    title: 'PNG',
    extension: 'png',
    make: painted(4096, (picture) => picture.png({ compressionLevel: 1 })),
  },
  { name: 'webp', title: 'WebP', extension: 'webp', make: painted(2048, (picture) => picture.webp()) },
  {
    name: 'gif',
    title: 'GIF',
    extension: 'gif',
    make: painted(1024, (picture) => picture.gif({ effort: 1 })),
  },
  {
    name: 'avif',
    title: 'AVIF',
    extension: 'avif',
    make: painted(1024, (picture) => picture.avif({ effort: 0 })),
  },
];

/** Those among the recipes' pictures. */
export const OPENING_IMAGES: readonly ImageName[] = OPENING_FILES.flatMap(({ image }) => image ?? []);

const FOLDER = 'opening';
const LINKS = `${FOLDER}/names`;

/** Where the picture is, within the folder of all pictures. */
export const openingPath = ({ name, extension, image }: OpeningFile): string =>
  image === undefined ? `${FOLDER}/${name}.${extension}` : fileNameOf(image);

/** One of its names, within the folder of all pictures. */
export const openingName = ({ name, extension }: OpeningFile, index: number): string =>
  `${LINKS}/${name}/${index}.${extension}`;

/** Makes what is not there yet. A file whose source is not there is left out. */
export async function makeOpeningFiles(
  folder: string,
  tell: (line: string) => void,
): Promise<readonly OpeningFile[]> {
  mkdirSync(path.join(folder, FOLDER), { recursive: true });
  const made: OpeningFile[] = [];
  for (const each of OPENING_FILES) {
    const file = path.join(folder, openingPath(each));
    if (!existsSync(file) && each.make !== undefined) {
      tell(`making ${openingPath(each)}: ${each.title}`);
      await each.make(`${file}.new`, folder);
      if (existsSync(`${file}.new`)) renameSync(`${file}.new`, file);
    }
    if (existsSync(file)) made.push(each);
    else tell(`no row of ${each.title}: its picture cannot be made here`);
  }
  return made;
}

/** Gives each of `files` the names 0 to `count` - 1, anew. To whoever opens them each is a file of its own. */
export function linkOpeningNames(folder: string, files: readonly OpeningFile[], count: number): void {
  rmSync(path.join(folder, LINKS), { recursive: true, force: true });
  for (const each of files) {
    mkdirSync(path.join(folder, LINKS, each.name), { recursive: true });
    const file = path.join(folder, openingPath(each));
    for (let index = 0; index < count; index++) linkSync(file, path.join(folder, openingName(each, index)));
  }
}

function painted(side: number, encode: (picture: Sharp) => Sharp) {
  return async (file: string): Promise<void> => {
    const raw = { width: side, height: side, channels: 3 } as const;
    await encode(sharp(paint({ ...RECIPES.rgb, side }), { raw })).toFile(file);
  };
}

/** Without pixels: no tile of it is asked for. */
function writePages(file: string): void {
  const tile = { width: 256, height: 256 };
  const page = (index: number) => ({
    tags: [
      { tag: 'NewSubfileType', type: 'long', values: [2] } as const,
      { tag: 'DocumentName', type: 'ascii', values: `page ${index}` } as const,
      ...pictureTags({ width: 512, height: 512, tile }),
    ],
    segments: new Array<undefined>(4).fill(undefined),
  });
  writeFileSync(file, buildTiff(Array.from({ length: PAGES }, (_, index) => page(index))));
}

/** What is in the JP2, where that could be made. */
function writeCodestream(file: string, images: string): void {
  const jp2 = path.join(images, fileNameOf('jp2'));
  if (!existsSync(jp2)) return;
  const bytes = readFileSync(jp2);
  writeFileSync(file, bytes.subarray(bytes.indexOf(Buffer.from('ff4fff51', 'hex'))));
}
