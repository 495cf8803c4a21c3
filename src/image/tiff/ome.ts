/** Which directories of an OME-TIFF are planes of which image, channel, focus and time (OME Data Model, OME-TIFF). */
import path from 'node:path';
import { xmlTags } from './xml-tags.ts';
import type { XmlTag } from './xml-tags.ts';

/** No file has more directories that are read; more planes are counted nowhere. */
const MAX_PLANES = 65_536;

const AXES = ['Z', 'C', 'T'] as const;
type Axis = (typeof AXES)[number];
type Position = Readonly<Record<Axis, number>>;

interface TiffData {
  readonly attributes: ReadonlyMap<string, string>;
  /** Of the file that has the planes; missing: this one. */
  file?: { readonly name: string | undefined; uuid: string };
}

interface Image {
  readonly name: string;
  pixels: ReadonlyMap<string, string>;
  readonly channels: { readonly name: string | undefined; readonly samples: number }[];
  readonly tiffData: TiffData[];
}

/** Whether a description is OME-XML. */
export function isOme(description: string): boolean {
  return /<(?:\w+:)?OME[\s>]/.test(description.slice(0, 4_096));
}

/**
 * Names of the planes that are in this file, by the number of their directory: `C=DAPI Z=3 T=0`, with the name of
 * the image before it where there are several.
 *
 * @param filePath of this TIFF: planes of other files of a set are left out.
 */
export function omePlanes(xml: string, filePath: string): Map<number, string> {
  const { images, uuid } = parseImages(xml);
  const names = new Map<number, string>();
  for (const image of images) {
    const prefix = images.length > 1 && image.name !== '' ? `${image.name} ` : '';
    for (const data of image.tiffData) {
      if (!isHere(data, uuid, filePath)) continue;
      for (const [directory, position] of planesOf(image, data)) {
        if (names.size >= MAX_PLANES) return names;
        names.set(directory, prefix + nameOf(image, position));
      }
    }
  }
  return names;
}

function parseImages(xml: string): { readonly images: Image[]; readonly uuid: string | undefined } {
  const images: Image[] = [];
  let uuid: string | undefined;
  for (const tag of xmlTags(xml)) {
    if (tag.kind === 'close') continue;
    if (tag.name === 'OME') uuid = tag.attributes.get('UUID');
    else if (tag.name === 'Image') images.push(newImage(tag));
    else if (images.length > 0) takeTag(images.at(-1)!, tag);
  }
  return { images, uuid };
}

function newImage({ attributes }: XmlTag): Image {
  return { name: attributes.get('Name') ?? '', pixels: new Map(), channels: [], tiffData: [] };
}

function takeTag(image: Image, { name, attributes, text }: XmlTag): void {
  const data = image.tiffData.at(-1);
  if (name === 'Pixels') image.pixels = attributes;
  else if (name === 'Channel')
    image.channels.push({ name: attributes.get('Name'), samples: count(attributes, 'SamplesPerPixel', 1) });
  else if (name === 'TiffData') image.tiffData.push({ attributes });
  else if (name === 'UUID' && data !== undefined)
    data.file = { name: attributes.get('FileName'), uuid: text.trim() };
}

/** By the identity that the file gives itself, else by its name. */
function isHere({ file }: TiffData, uuid: string | undefined, filePath: string): boolean {
  if (file === undefined) return true;
  if (uuid !== undefined && file.uuid !== '') return file.uuid === uuid;
  return file.name === undefined || path.basename(file.name) === path.basename(filePath);
}

/** The directories of one TiffData, each with its position; defaults as the specification has them. */
function* planesOf(
  image: Image,
  { attributes }: TiffData,
): Generator<[directory: number, position: Position]> {
  const { pixels, channels } = image;
  const samples = channels[0]?.samples ?? 1;
  const sizes: Position = {
    Z: count(pixels, 'SizeZ', 1),
    C: Math.max(1, Math.floor(count(pixels, 'SizeC', 1) / samples)),
    T: count(pixels, 'SizeT', 1),
  };
  const order = axesOf(pixels.get('DimensionOrder') ?? 'XYZCT');
  const first: Position = {
    Z: start(attributes, 'FirstZ'),
    C: start(attributes, 'FirstC'),
    T: start(attributes, 'FirstT'),
  };
  const total = sizes.Z * sizes.C * sizes.T;
  const planes = count(attributes, 'PlaneCount', attributes.has('IFD') ? 1 : total);
  let rank = first[order[0]] + sizes[order[0]] * (first[order[1]] + sizes[order[1]] * first[order[2]]);
  const directory = start(attributes, 'IFD');
  for (let i = 0; i < planes && i < MAX_PLANES && rank < total; i++, rank++)
    yield [directory + i, positionOf(rank, order, sizes)];
}

function positionOf(rank: number, [a, b, c]: readonly [Axis, Axis, Axis], sizes: Position): Position {
  const position = { Z: 0, C: 0, T: 0 };
  position[a] = rank % sizes[a];
  position[b] = Math.floor(rank / sizes[a]) % sizes[b];
  position[c] = Math.floor(rank / (sizes[a] * sizes[b]));
  return position;
}

/** The last three letters of `XYCZT` and its like. */
function axesOf(order: string): readonly [Axis, Axis, Axis] {
  const [a, b, c] = [...order.slice(2)].flatMap((letter) => AXES.filter((axis) => axis === letter));
  return a === undefined || b === undefined || c === undefined ? AXES : [a, b, c];
}

function nameOf({ channels }: Image, { Z, C, T }: Position): string {
  return `C=${channels[C]?.name ?? C} Z=${Z} T=${T}`;
}

function count(attributes: ReadonlyMap<string, string>, name: string, missing: number): number {
  const value = Number(attributes.get(name) ?? missing);
  return Number.isSafeInteger(value) && value > 0 ? value : missing;
}

function start(attributes: ReadonlyMap<string, string>, name: string): number {
  const value = Number(attributes.get(name) ?? 0);
  return Number.isSafeInteger(value) && value >= 0 ? value : 0;
}
