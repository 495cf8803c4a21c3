/** The main header of a codestream: what has to be known before the first tile (ISO/IEC 15444-1, A.3). */
import type { BlockReader } from '../../block-reader.ts';
import { damagedJp2 } from '../damage.ts';
import { parseCanvas, type Canvas } from './canvas.ts';
import { MARKER } from './markers.ts';
import { addSegment, noSettings, type Settings } from './parameters.ts';

/** Where bytes are in the file; `end` is exclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** The parameters of a marker segment, behind its length. */
export interface SegmentRange extends ByteRange {
  readonly marker: number;
}

export interface MainHeader {
  /** The whole codestream. */
  readonly range: ByteRange;
  readonly canvas: Canvas;
  readonly settings: Settings;
  /** Of the first SOT. */
  readonly firstTilePart: number;
  /** TLM, PLM and PPM, which are read when tiles are. */
  readonly indexes: readonly SegmentRange[];
}

/** COC and QCC for each of 16,384 components are the most that makes sense, and 256 each of TLM, PLM and PPM. */
const MAX_SEGMENTS = 40_000;

const INDEXES: readonly number[] = [MARKER.TLM, MARKER.PLM, MARKER.PPM];

const PARAMETERS: readonly number[] = [
  MARKER.COD,
  MARKER.COC,
  MARKER.QCD,
  MARKER.QCC,
  MARKER.RGN,
  MARKER.POC,
];

/** Reads up to the first tile-part. @throws {ServerError} `damaged`, `unsupported`. */
export async function readMainHeader(blocks: BlockReader, range: ByteRange): Promise<MainHeader> {
  const settings = noSettings();
  const indexes: SegmentRange[] = [];
  let canvas: Canvas | undefined;
  let at = range.start;
  if (range.end - range.start < 4 || (await readWord(blocks, at)) !== MARKER.SOC) {
    throw damagedJp2('its codestream does not begin as one');
  }
  at += 2;
  for (let count = 0; ; count++) {
    if (at + 4 > range.end || count > MAX_SEGMENTS) throw damagedJp2('its main header does not end', { at });
    const marker = await readWord(blocks, at);
    if (marker === MARKER.SOT) break;
    const length = await readWord(blocks, at + 2);
    const body = { marker, start: at + 4, end: at + 2 + length };
    if (marker < 0xff01 || length < 2 || body.end > range.end)
      throw damagedJp2('a marker is wrong', { at, marker });
    if (marker === MARKER.SIZ) canvas = parseCanvas(await readBody(blocks, body));
    else if (INDEXES.includes(marker)) indexes.push(body);
    else if (PARAMETERS.includes(marker)) {
      if (canvas === undefined) throw damagedJp2('its size is missing');
      addSegment(settings, marker, await readBody(blocks, body), canvas.components.length);
    }
    at = body.end;
  }
  if (canvas === undefined) throw damagedJp2('its size is missing');
  return { range, canvas, settings, firstTilePart: at, indexes };
}

async function readWord(blocks: BlockReader, at: number): Promise<number> {
  const [high = 0, low = 0] = await blocks.bytes(at, 2);
  return high * 256 + low;
}

function readBody(blocks: BlockReader, { start, end }: ByteRange): Promise<Uint8Array> {
  return blocks.bytes(start, end - start);
}
