/** What is needed to walk through the entropy-coded data of a JPEG with one scan (T.81, annexes B and F). */
import { MARKER, markerSegments, parseFrame, type JpegFrame } from './markers.ts';

/** Segments that say how the numbers are to be understood; the others are not for decoders. */
const DECODING_APPS: readonly number[] = [MARKER.APP0, MARKER.APP14];

export interface HuffmanTable {
  /** 0 to 3. */
  readonly slot: number;
  readonly isAc: boolean;
  /** 16 counts and the symbols. */
  readonly body: Uint8Array;
}

export interface ScanLayout {
  readonly frame: JpegFrame;
  /** Where the entropy-coded data begin. */
  readonly dataAt: number;
  readonly mcuWidth: number;
  readonly mcuHeight: number;
  /** MCUs in a row, and rows of them. */
  readonly columns: number;
  readonly rows: number;
  /** For each block of an MCU: number of its component, DC slot, AC slot. */
  readonly blocks: Uint8Array;
  /** MCUs between two restart markers; 0 none. */
  readonly restartInterval: number;
  readonly tables: readonly HuffmanTable[];
  /** Whole segments that a copy needs as they are: quantization, JFIF, Adobe. */
  readonly segments: readonly Uint8Array[];
  /** Parameters of SOF and SOS, without their lengths. */
  readonly frameBody: Uint8Array;
  readonly scanBody: Uint8Array;
}

const DQT = 0xdb;
const DRI = 0xdd;
const SEQUENTIAL: readonly number[] = [0xc0, 0xc1];
const BLOCK = 8;
const MAX_BLOCKS = 10;

/**
 * The layout of a sequential Huffman file whose first scan has all components; undefined for every other file.
 *
 * @param head the file up to the entropy-coded data of its first scan.
 */
export function scanLayout(head: Uint8Array): ScanLayout | undefined {
  const segments = markerSegments(head);
  const bodyOf = (marker: number) => {
    const found = segments.find((segment) => segment.marker === marker);
    return found && head.subarray(found.body, found.end);
  };
  const frameMarker = SEQUENTIAL.find((marker) => bodyOf(marker) !== undefined);
  const scanBody = bodyOf(MARKER.SOS);
  if (frameMarker === undefined || scanBody === undefined) return undefined;
  const frameBody = bodyOf(frameMarker)!;
  const frame = parseFrame(frameMarker, frameBody);
  if (scanBody[0] !== frame.components.length) return undefined;
  const interval = bodyOf(DRI);
  const blocks = blocksOf(frame, scanBody);
  if (blocks === undefined || blocks.length > 3 * MAX_BLOCKS) return undefined;
  const tables = segments
    .filter(({ marker }) => marker === MARKER.DHT)
    .flatMap(({ body, end }) => tablesOf(head.subarray(body, end)));
  const isKept = (marker: number): boolean => marker === DQT || DECODING_APPS.includes(marker);
  return {
    frame,
    dataAt: segments.at(-1)!.end,
    ...gridOf(frame),
    blocks,
    restartInterval: interval === undefined ? 0 : interval[0]! * 256 + interval[1]!,
    tables,
    segments: segments
      .filter(({ marker }) => isKept(marker))
      .map(({ start, end }) => head.subarray(start, end)),
    frameBody,
    scanBody,
  };
}

/** A lone component is not interleaved: its MCU is one block, whatever its sampling factors. */
function gridOf(frame: JpegFrame): Pick<ScanLayout, 'mcuWidth' | 'mcuHeight' | 'columns' | 'rows'> {
  const isLone = frame.components.length === 1;
  const mcuWidth = BLOCK * (isLone ? 1 : Math.max(...frame.components.map(({ horizontal }) => horizontal)));
  const mcuHeight = BLOCK * (isLone ? 1 : Math.max(...frame.components.map(({ vertical }) => vertical)));
  return {
    mcuWidth,
    mcuHeight,
    columns: Math.ceil(frame.width / mcuWidth),
    rows: Math.ceil(frame.height / mcuHeight),
  };
}

/** SOS: `u8 components, { u8 id, u4 DC slot, u4 AC slot }, …`; undefined where its components are in another order. */
function blocksOf({ components }: JpegFrame, scanBody: Uint8Array): Uint8Array | undefined {
  const blocks: number[] = [];
  for (const [index, { id, horizontal, vertical }] of components.entries()) {
    if (scanBody[1 + 2 * index] !== id) return undefined;
    const slots = scanBody[2 + 2 * index]!;
    const count = components.length === 1 ? 1 : horizontal * vertical;
    for (let i = 0; i < count; i++) blocks.push(index, (slots >> 4) & 3, slots & 3);
  }
  return Uint8Array.from(blocks);
}

/** DHT: `{ u4 class (0 DC, 1 AC), u4 slot, u8[16] counts, symbols }` again and again. */
function tablesOf(body: Uint8Array): HuffmanTable[] {
  const tables: HuffmanTable[] = [];
  for (let at = 0; at + 17 <= body.length;) {
    const symbols = body.subarray(at + 1, at + 17).reduce((sum, count) => sum + count, 0);
    const end = at + 17 + symbols;
    if (symbols > 256 || end > body.length) break;
    tables.push({ slot: body[at]! & 3, isAc: body[at]! >> 4 === 1, body: body.subarray(at + 1, end) });
    at = end;
  }
  return tables;
}
