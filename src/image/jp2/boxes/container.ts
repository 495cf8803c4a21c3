/** A JP2, JPX or JPH file or a bare codestream: where the codestream is, and what the boxes round it say. */
import type { BlockReader } from '../../block-reader.ts';
import type { Resolution } from '../../info.ts';
import { decodeText } from '../../text.ts';
import type { ByteRange } from '../codestream/main-header.ts';
import { damagedJp2, unsupportedJp2 } from '../damage.ts';
import { innerBoxes, topBoxes, type Box, type InnerBox } from './box.ts';
import {
  parseChannelDefinitions,
  parseColor,
  parseComponentMapping,
  parseDensity,
  parsePalette,
  type ChannelDefinition,
  type ChannelSource,
  type ColorSpecification,
  type Palette,
} from './header-boxes.ts';

/** What the boxes say of the picture. */
export interface PictureBoxes {
  readonly palette?: Palette;
  readonly mapping?: readonly ChannelSource[];
  readonly definitions?: readonly ChannelDefinition[];
  /** Those that can be understood, in the order of the file. */
  readonly colors: readonly ColorSpecification[];
  readonly resolution?: Resolution;
}

export interface Container {
  readonly codestream: ByteRange;
  readonly picture: PictureBoxes;
  readonly xmp?: string;
  /** Without `Exif\0\0`. */
  readonly exif?: Uint8Array;
}

/** A palette with 255 columns and a large profile fit. */
const MAX_HEADER_BYTES = 2 ** 25;

const MAX_UUID_BYTES = 2 ** 25;

/** Boxes of JPX in which those of JP2 may stand, too, the compositing layer's after the codestream's. */
const HEADER_BOXES: readonly string[] = ['jp2h', 'jpch', 'jplh'];

const UUID = {
  xmp: 'be7acfcb97a942e89c71999491e3afac',
  /** `JpgTiffExif->JP2`. */
  exif: '4a706754696666457869662d3e4a5032',
  /** Adobe's. */
  exifOfAdobe: '0537cdab9d0c4431a72afa561f2a113e',
};

/** @throws {ServerError} `damaged` when there is no codestream, `unsupported` when it is in fragments. */
export async function readContainer(blocks: BlockReader): Promise<Container> {
  const [first, second] = await blocks.bytes(0, Math.min(2, blocks.size));
  if (first === 0xff && second === 0x4f) {
    return { codestream: { start: 0, end: blocks.size }, picture: { colors: [] } };
  }
  const headers: InnerBox[] = [];
  let codestream: ByteRange | undefined;
  let isFragmented = false;
  let metadata: Pick<Container, 'xmp' | 'exif'> = {};
  for await (const box of topBoxes(blocks)) {
    if (box.type === 'jp2c') codestream ??= box;
    else if (box.type === 'ftbl') isFragmented = true;
    else if (HEADER_BOXES.includes(box.type)) headers.push(...(await readHeaderBoxes(blocks, box)));
    else if (box.type === 'uuid') metadata = { ...(await readUuid(blocks, box)), ...metadata };
  }
  if (codestream === undefined) {
    throw isFragmented ? unsupportedJp2('a codestream in fragments') : damagedJp2('it has no codestream');
  }
  const { start, end } = codestream;
  return { codestream: { start, end }, picture: pictureOf(headers), ...metadata };
}

async function readHeaderBoxes(blocks: BlockReader, { start, end }: Box): Promise<InnerBox[]> {
  if (end - start > MAX_HEADER_BYTES) throw damagedJp2('its header is too large');
  const contents = (await blocks.bytes(start, end - start)).slice();
  return innerBoxes(contents).flatMap((box) =>
    box.type === 'res ' || box.type === 'cgrp' ? innerBoxes(box.body) : [box],
  );
}

/** Of each kind of box the first one counts; only colors may be several. */
function pictureOf(boxes: readonly InnerBox[]): PictureBoxes {
  const bodyOf = (type: string): Uint8Array | undefined => boxes.find((box) => box.type === type)?.body;
  const parsed = <T>(type: string, parse: (body: Uint8Array) => T): T | undefined => {
    const body = bodyOf(type);
    return body === undefined ? undefined : parse(body);
  };
  const palette = parsed('pclr', parsePalette);
  const mapping = parsed('cmap', parseComponentMapping);
  const definitions = parsed('cdef', parseChannelDefinitions);
  const resolution = parsed('resc', parseDensity) ?? parsed('resd', parseDensity);
  return {
    colors: boxes.flatMap(({ type, body }) => (type === 'colr' ? (parseColor(body) ?? []) : [])),
    ...(palette && { palette }),
    ...(mapping && { mapping }),
    ...(definitions && { definitions }),
    ...(resolution && { resolution }),
  };
}

/** XMP and EXIF; everything else that uuid boxes hold (GeoJP2, IPTC) is not ours. */
async function readUuid(blocks: BlockReader, { start, end }: Box): Promise<Pick<Container, 'xmp' | 'exif'>> {
  if (end - start <= 16 || end - start > MAX_UUID_BYTES) return {};
  const id = Buffer.from(await blocks.bytes(start, 16)).toString('hex');
  const isExif = id === UUID.exif || id === UUID.exifOfAdobe;
  if (id !== UUID.xmp && !isExif) return {};
  const body = (await blocks.bytes(start + 16, end - start - 16)).slice();
  if (isExif) return { exif: withoutIdentifier(body) };
  const xmp = decodeText(body);
  return xmp === undefined ? {} : { xmp };
}

function withoutIdentifier(body: Uint8Array): Uint8Array {
  const hasIdentifier = Buffer.from(body.subarray(0, 6)).toString('latin1') === 'Exif\0\0';
  return hasIdentifier ? body.slice(6) : body;
}
