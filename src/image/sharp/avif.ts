/** The header of an AVIF: a `meta` box (ISO 14496-12), items with properties (ISO 23008-12). */
import type { BlockReader } from '../block-reader.ts';
import { decodeText } from '../text.ts';
import { boxesIn, BoxReader, type Box } from './boxes.ts';
import { damagedPicture, latin1, type PictureFacts } from './facts.ts';

const MAX_META_BYTES = 2 ** 24;
const MAX_ITEM_BYTES = 2 ** 24;
const MAX_BOXES = 64;

/** Of an AV1 frame (AV1 5.5.1); libvips takes half a minute to find out that a longer one is not there. */
const MAX_SIDE = 65_536;

/** Where the bytes of an item are in the file. */
interface Extent {
  readonly offset: number;
  readonly length: number;
}

interface Item {
  readonly id: number;
  readonly type: string;
  readonly contentType: string;
}

/** @throws {ServerError} `damaged`. */
export async function describeAvif(blocks: BlockReader): Promise<PictureFacts> {
  const meta = await readMeta(blocks);
  const children = boxesIn(meta.subarray(4));
  const box = (type: string): Uint8Array | undefined => children.find((child) => child.type === type)?.body;
  const primary = primaryOf(box('pitm'));
  const properties = propertiesOf(box('iprp'));
  const of = (type: string, id = primary) =>
    (properties.get(id) ?? []).find((property) => property.type === type)?.body;
  const size = sizeOf(of('ispe'), of('irot'), of('clap') !== undefined);
  if (Math.max(size.width, size.height) > MAX_SIDE)
    throw damagedPicture('AVIF', `a side is over ${MAX_SIDE}`);
  const items = itemsOf(box('iinf'));
  const extents = extentsOf(box('iloc'));
  const alpha = hasAlpha(properties.values());
  const isGray = of('pixi')?.[4] === 1 || ((of('av1C')?.[2] ?? 0) & 0x10) !== 0;
  const icc = profileOf(properties.get(primary) ?? []);
  const exif = await readItem(
    blocks,
    extents,
    items.find(({ type }) => type === 'Exif'),
  );
  const xmp = await readItem(
    blocks,
    extents,
    items.find(({ contentType }) => contentType === 'application/rdf+xml'),
  );
  const text = xmp && decodeText(xmp);
  return {
    format: 'avif',
    ...size,
    // libheif gives gray as RGB.
    bands: alpha ? 4 : 3,
    bitsPerSample: ((of('av1C')?.[2] ?? 0) & 0x40) !== 0 ? 16 : 8,
    compression: isGray ? 'av1 gray' : 'av1',
    isStreamed: false,
    isUpright: true,
    metadata: text === undefined ? {} : { xmp: text },
    ...(icc && { icc }),
    ...(exif && exif.length > 4 && { exif: exif.slice(exifStart(exif)) }),
  };
}

/** The block begins with the offset of the TIFF header in what follows. */
function exifStart(item: Uint8Array): number {
  return 4 + new DataView(item.buffer, item.byteOffset).getUint32(0);
}

async function readMeta(blocks: BlockReader): Promise<Uint8Array> {
  let at = 0;
  for (let count = 0; count < MAX_BOXES && at + 8 <= blocks.size; count++) {
    const head = await blocks.bytes(at, 8);
    const length = new DataView(head.buffer, head.byteOffset).getUint32(0);
    if (latin1(head.subarray(4)) === 'meta') {
      if (length < 12 || length > MAX_META_BYTES) break;
      return Uint8Array.from(await blocks.bytes(at + 8, length - 8));
    }
    if (length < 8) break;
    at += length;
  }
  throw damagedPicture('AVIF', 'it has no meta box');
}

function primaryOf(body: Uint8Array | undefined): number {
  if (body === undefined) throw damagedPicture('AVIF', 'it has no primary item');
  const reader = new BoxReader(body);
  return reader.uint(reader.version() === 0 ? 2 : 4);
}

/** ipco: properties in order; ipma: for each item the numbers of its properties. */
function propertiesOf(body: Uint8Array | undefined): Map<number, Box[]> {
  const children = boxesIn(body ?? new Uint8Array(0));
  const all = boxesIn(children.find(({ type }) => type === 'ipco')?.body ?? new Uint8Array(0));
  const byItem = new Map<number, Box[]>();
  for (const { type, body: map } of children) {
    if (type !== 'ipma') continue;
    const reader = new BoxReader(map);
    const [version, flags] = [reader.version(), reader.flags];
    for (let count = reader.uint(4); count > 0 && !reader.isAtEnd; count--) {
      const id = reader.uint(version < 1 ? 2 : 4);
      const found: Box[] = [];
      for (let n = reader.uint(1); n > 0; n--) {
        const index = (flags & 1) === 1 ? reader.uint(2) & 0x7fff : reader.uint(1) & 0x7f;
        const property = all[index - 1];
        if (property !== undefined) found.push(property);
      }
      byItem.set(id, found);
    }
  }
  return byItem;
}

/** ispe: width and height; irot: quarter turns, which the decoder makes. */
function sizeOf(ispe: Uint8Array | undefined, irot: Uint8Array | undefined, isCropped: boolean) {
  if (ispe === undefined || ispe.length < 12 || isCropped)
    throw damagedPicture('AVIF', isCropped ? 'it is cropped' : 'it has no size');
  const view = new DataView(ispe.buffer, ispe.byteOffset);
  const [width, height] = [view.getUint32(4), view.getUint32(8)];
  return ((irot?.[0] ?? 0) & 1) === 1 ? { width: height, height: width } : { width, height };
}

/** Bytes of a URN; the longest that is in use has 44. */
const MAX_URN_BYTES = 256;

/** auxC: a URN that says what the auxiliary picture is. */
const isAlpha = ({ type, body }: Box): boolean =>
  type === 'auxC' && latin1(body.subarray(0, MAX_URN_BYTES)).includes(':alpha');

/** A property may belong to any number of items; it is looked at once. */
function hasAlpha(lists: Iterable<readonly Box[]>): boolean {
  const seen = new Set<Box>();
  for (const list of lists) {
    for (const box of list) {
      if (!seen.has(box) && isAlpha(box)) return true;
      seen.add(box);
    }
  }
  return false;
}

/** colr: `prof` or `rICC`, then the profile. */
function profileOf(properties: readonly Box[]): Uint8Array | undefined {
  const isProfile = ({ type, body }: Box): boolean =>
    type === 'colr' && ['prof', 'rICC'].includes(latin1(body.subarray(0, 4)));
  return properties.find(isProfile)?.body.slice(4);
}

function itemsOf(body: Uint8Array | undefined): Item[] {
  if (body === undefined) return [];
  const reader = new BoxReader(body);
  reader.skip(reader.version() === 0 ? 2 : 4);
  return boxesIn(reader.rest()).map(({ body: entry }) => {
    const fields = new BoxReader(entry);
    const id = fields.uint(fields.version() < 3 ? 2 : 4);
    fields.skip(2);
    const type = latin1(fields.bytes(4));
    const [, contentType = ''] = latin1(fields.rest()).split('\0');
    return { id, type, contentType };
  });
}

/** iloc: for each item the extents of its bytes; those of other files or boxes are left out. */
function extentsOf(body: Uint8Array | undefined): Map<number, Extent> {
  const extents = new Map<number, Extent>();
  if (body === undefined) return extents;
  const reader = new BoxReader(body);
  const version = reader.version();
  const sizes = reader.uint(2);
  const [offsetBytes, lengthBytes, baseBytes] = [sizes >> 12, (sizes >> 8) & 15, (sizes >> 4) & 15];
  const indexBytes = version === 0 ? 0 : sizes & 15;
  for (let count = reader.uint(version < 2 ? 2 : 4); count > 0 && !reader.isAtEnd; count--) {
    const id = reader.uint(version < 2 ? 2 : 4);
    const method = version === 0 ? 0 : reader.uint(2) & 15;
    reader.skip(2);
    const base = reader.uint(baseBytes);
    const total = reader.uint(2);
    const extentBytes = indexBytes + offsetBytes + lengthBytes;
    // libheif goes through all of them one by one, which takes hours where they cost nothing to write.
    if (total > 1 && extentBytes === 0) throw damagedPicture('AVIF', 'its extents have no bytes');
    if (total !== 1 || method !== 0) {
      reader.skip(total * extentBytes);
      continue;
    }
    reader.skip(indexBytes);
    const offset = base + reader.uint(offsetBytes);
    extents.set(id, { offset, length: reader.uint(lengthBytes) });
  }
  return extents;
}

async function readItem(
  blocks: BlockReader,
  extents: ReadonlyMap<number, Extent>,
  item: Item | undefined,
): Promise<Uint8Array | undefined> {
  const extent = item && extents.get(item.id);
  if (extent === undefined || extent.length > MAX_ITEM_BYTES) return undefined;
  if (extent.offset + extent.length > blocks.size) return undefined;
  return Uint8Array.from(await blocks.bytes(extent.offset, extent.length));
}
