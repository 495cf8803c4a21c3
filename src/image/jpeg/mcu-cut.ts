/** Cuts a window out of a JPEG file as a smaller JPEG, without decoding: MCUs are copied bit by bit. */
import type { Rectangle } from '../raster.ts';
import type { ByteSource } from '../source.ts';
import { MARKER } from './markers.ts';
import { MAX_COMPONENTS, sharedScanner, SCAN_STATUS, type McuScanner } from './mcu-scanner.ts';
import { PLACE_WORDS, type McuIndex } from './mcu-index.ts';
import type { ScanLayout } from './scan-layout.ts';

/** More than an MCU takes, markers included. */
const MAX_MCU_BYTES = 8_192;

const SOF_WIDTH_AT = 3;

/** DHT body of the DC table that copies use: sixteen counts, then categories 0 to 12 with codes of four bits. */
const DC_CATEGORIES = 13;
const DC_TABLE = Uint8Array.from([
  ...Array.from({ length: 16 }, (_, i) => (i === 3 ? DC_CATEGORIES : 0)),
  ...Array.from({ length: DC_CATEGORIES }, (_, category) => category),
]);

export interface CutSource {
  readonly source: ByteSource;
  readonly layout: ScanLayout;
  readonly index: McuIndex;
}

/** Entropy-coded data of one row of MCUs, from a place on. */
interface RowData {
  readonly firstMcu: number;
  readonly skippedMcus: number;
  readonly copiedMcus: number;
  readonly missingMcus: number;
  readonly usedBits: number;
  readonly dc: readonly number[];
  readonly bytes: Uint8Array;
}

/**
 * A complete JPEG of some MCUs, those that the file lacks in even gray; undefined when the data are not as the index
 * says, or cannot be filled up.
 *
 * @param window in MCUs.
 * @param size of the picture in pixels, at most that of the MCUs.
 */
export async function cutJpeg(
  { source, layout, index }: CutSource,
  window: Rectangle,
  size: { readonly width: number; readonly height: number },
): Promise<Uint8Array | undefined> {
  const rows: RowData[] = [];
  for (let row = window.y; row < window.y + window.height; row++)
    rows.push(await readRow({ source, layout, index }, window, row));
  const endOfBlock = endOfBlockCodes(layout);
  if (rows.some(({ missingMcus }) => missingMcus > 0) && endOfBlock === undefined) return undefined;
  const scan = copyRows(layout, rows, endOfBlock ?? []);
  return scan && Buffer.concat([...headOf(layout, size), scan, Uint8Array.of(0xff, MARKER.EOI)]);
}

async function readRow(
  { source, layout, index }: CutSource,
  window: Rectangle,
  row: number,
): Promise<RowData> {
  const { columns, rows } = layout;
  const { spacing, placesPerRow, complete, places } = index;
  const first = Math.floor(window.x / spacing);
  const firstMcu = row * columns + first * spacing;
  const wanted = row * columns + window.x;
  const copiedMcus = Math.max(0, Math.min(window.width, complete - wanted));
  const missingMcus = window.width - copiedMcus;
  if (copiedMcus === 0)
    return {
      firstMcu,
      skippedMcus: 0,
      copiedMcus,
      missingMcus,
      usedBits: 0,
      dc: [],
      bytes: new Uint8Array(0),
    };
  const at = PLACE_WORDS * (row * placesPerRow + first);
  const next = row * placesPerRow + Math.min(placesPerRow, Math.ceil((window.x + window.width) / spacing));
  // A place that was never reached is 0.
  const nextAt = next < rows * placesPerRow ? places[PLACE_WORDS * next]! : 0;
  const { size } = source.identity;
  const offset = places[at]!;
  const mcus = wanted - firstMcu + copiedMcus;
  const end = Math.min(nextAt > offset ? nextAt + 2 : offset + mcus * MAX_MCU_BYTES, size);
  return {
    firstMcu,
    skippedMcus: wanted - firstMcu,
    copiedMcus,
    missingMcus,
    usedBits: places[at + 1]!,
    dc: [...places.subarray(at + 2, at + PLACE_WORDS)],
    bytes: await source.read(offset, end - offset),
  };
}

function copyRows(
  layout: ScanLayout,
  rows: readonly RowData[],
  endOfBlock: readonly number[],
): Uint8Array | undefined {
  const scanner = sharedScanner(layout);
  if (scanner === undefined) return undefined;
  const { exports, dataAt } = scanner;
  const longest = Math.max(...rows.map(({ bytes }) => bytes.length));
  const outAt = dataAt + longest;
  exports.beginCopy(outAt);
  for (const row of rows) {
    const blocks = ((row.copiedMcus + row.missingMcus) * layout.blocks.length) / 3;
    const memory = scanner.bytes(exports.getOut() + 2 * row.bytes.length + 8 * blocks + 64);
    memory.set(row.bytes, dataAt);
    if (!copyRow(scanner, row)) return undefined;
    if (row.missingMcus > 0) scanner.fill(row.missingMcus, endOfBlock);
  }
  exports.endCopy();
  return scanner.bytes(0).slice(outAt, exports.getOut());
}

function copyRow({ exports, dataAt }: McuScanner, row: RowData): boolean {
  if (row.copiedMcus === 0) return true;
  exports.enter(row.firstMcu, dataAt, dataAt + row.bytes.length, row.usedBits);
  for (let component = 0; component < MAX_COMPONENTS; component++)
    exports.setReadDc(component, row.dc[component] ?? 0);
  if (exports.skip(row.skippedMcus, 0) < row.skippedMcus) return false;
  return exports.copy(row.copiedMcus) === row.copiedMcus && exports.getStatus() === SCAN_STATUS.fine;
}

/** Code and length of "end of block" in each AC table, as `code << 8 | length`; undefined when one has none. */
function endOfBlockCodes({ tables, blocks }: ScanLayout): readonly number[] | undefined {
  const codes = Array<number>(4).fill(0);
  for (const { isAc, slot, body } of tables) if (isAc) codes[slot] = codeOf(body, 0) ?? 0;
  const isMissing = blocks.some((slot, i) => i % 3 === 2 && codes[slot] === 0);
  return isMissing ? undefined : codes;
}

function codeOf(body: Uint8Array, symbol: number): number | undefined {
  let code = 0;
  let index = 16;
  for (let length = 1; length <= 16; length++, code <<= 1) {
    for (let i = 0; i < body[length - 1]!; i++, code++, index++)
      if (body[index] === symbol) return (code << 8) | length;
  }
  return undefined;
}

function headOf(layout: ScanLayout, { width, height }: { width: number; height: number }): Uint8Array[] {
  const { frame, frameBody, scanBody, segments, tables } = layout;
  const frameCopy = Uint8Array.from(frameBody);
  new DataView(frameCopy.buffer).setUint16(SOF_WIDTH_AT - 2, height);
  new DataView(frameCopy.buffer).setUint16(SOF_WIDTH_AT, width);
  const dcSlots = [...new Set(tables.filter(({ isAc }) => !isAc).map(({ slot }) => slot))];
  return [
    Uint8Array.of(0xff, MARKER.SOI),
    ...segments,
    ...segment(frame.marker, frameCopy),
    ...dcSlots.flatMap((slot) => segment(MARKER.DHT, Buffer.concat([Uint8Array.of(slot), DC_TABLE]))),
    ...tables
      .filter(({ isAc }) => isAc)
      .flatMap(({ slot, body }) => segment(MARKER.DHT, Buffer.concat([Uint8Array.of(0x10 | slot), body]))),
    ...segment(MARKER.SOS, scanBody),
  ];
}

function segment(marker: number, body: Uint8Array): Uint8Array[] {
  const length = body.length + 2;
  return [Uint8Array.of(0xff, marker, length >> 8, length & 255), body];
}
