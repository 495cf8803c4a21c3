/** TIFF files that are wrong where it hurts: tags, types, counts, offsets, links, and the bytes of tiles. */
import type { Dice } from './dice.ts';
import { changeBytes, cutOrDouble } from './mutate-bytes.ts';

/** `u16 tag, u16 type, count, value`: 12 bytes, in a BigTIFF 20. */
interface Entry {
  readonly at: number;
}

interface Layout {
  readonly view: DataView;
  readonly little: boolean;
  readonly isBig: boolean;
  readonly entries: readonly Entry[];
  /** Where offsets of directories are written. */
  readonly links: readonly number[];
}

const TAGS = [
  ...[
    254, 256, 257, 258, 259, 262, 266, 270, 273, 274, 277, 278, 279, 282, 284, 292, 296, 297, 317, 318, 320,
  ],
  ...[
    322, 323, 324, 325, 330, 338, 339, 340, 341, 347, 513, 514, 529, 530, 531, 532, 700, 33432, 33550, 33922,
  ],
  ...[34665, 34675, 34735, 42112, 42113, 50674, 65000],
];
const COMPRESSIONS = [
  1, 2, 3, 4, 5, 6, 7, 8, 32773, 32946, 33003, 33004, 33005, 34712, 34887, 34925, 50000, 50001, 50002,
];
const PHOTOMETRICS = [0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 32803, 34892];
/** Values that are likely to be understood, by tag. */
const LIKELY: Readonly<Record<number, readonly number[]>> = {
  258: [1, 2, 4, 6, 8, 10, 12, 14, 16, 24, 32, 64],
  259: COMPRESSIONS,
  262: PHOTOMETRICS,
  266: [1, 2],
  274: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  277: [1, 2, 3, 4, 5, 31, 255, 256, 65535],
  284: [1, 2, 3],
  317: [1, 2, 3, 34892, 34894],
  322: [1, 8, 15, 16, 17, 128, 256, 4096, 32768, 65536],
  323: [1, 8, 15, 16, 17, 128, 256, 4096, 32768, 65536],
  338: [0, 1, 2, 3],
  339: [1, 2, 3, 4, 5, 6],
};

/** One damaged TIFF out of whole ones. */
export function mutateTiff(originals: readonly Uint8Array[], dice: Dice): Uint8Array {
  const bytes = dice.pick(originals).slice();
  const layout = layoutOf(bytes);
  for (let count = 1 + dice.below(2); count > 0; count--) {
    if (layout.entries.length === 0 || dice.chance(0.15)) changeBytes(bytes, dice);
    else changeEntry(layout, dice);
  }
  return dice.chance(0.08) ? cutOrDouble(bytes, dice) : bytes;
}

function changeEntry(layout: Layout, dice: Dice): void {
  const { view, little, isBig, entries, links } = layout;
  const { at } = dice.pick(entries);
  const tag = view.getUint16(at, little);
  const likely = LIKELY[tag];
  switch (dice.below(10)) {
    case 0:
      return view.setUint16(at, dice.pick(TAGS), little);
    case 1:
      return view.setUint16(at + 2, dice.below(20), little);
    case 2:
      return setWord(view, at + 4, dice.oddNumber(isBig && dice.chance(0.3) ? 53 : 32), layout);
    case 3:
      return setWord(view, dice.pick(links), dice.below(view.byteLength), layout);
    case 4: {
      const value = valueAt(layout, at);
      if (value < view.byteLength - 4) view.setUint32(value, dice.oddNumber(32), little);
      return;
    }
    case 5:
      return changeBytes(new Uint8Array(view.buffer), dice, 12, dice.below(view.byteLength));
    default: {
      const value = likely === undefined || dice.chance(0.2) ? dice.oddNumber(32) : dice.pick(likely);
      if (view.getUint16(at + 2, little) === 3) view.setUint16(at + (isBig ? 12 : 8), value & 0xffff, little);
      else setWord(view, at + (isBig ? 12 : 8), value, layout);
    }
  }
}

const valueAt = ({ view, little, isBig }: Layout, at: number): number =>
  isBig ? Number(view.getBigUint64(at + 12, little)) : view.getUint32(at + 8, little);

function setWord(view: DataView, at: number, value: number, { little, isBig }: Layout): void {
  if (isBig) view.setBigUint64(at, BigInt(Math.floor(value)), little);
  else view.setUint32(at, value >>> 0, little);
}

/** Directories of a whole file, along the chain. */
function layoutOf(bytes: Uint8Array): Layout {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const little = bytes[0] === 0x49;
  const isBig = view.getUint16(2, little) === 43;
  const entries: Entry[] = [];
  const links = [isBig ? 8 : 4];
  const word = (at: number): number =>
    isBig ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little);
  const size = isBig ? 20 : 12;
  for (let turn = 0; turn < 8; turn++) {
    const start = word(links.at(-1)!);
    if (start === 0 || start + 8 > bytes.length) break;
    const count = isBig ? Number(view.getBigUint64(start, little)) : view.getUint16(start, little);
    const first = start + (isBig ? 8 : 2);
    if (first + count * size + 8 > bytes.length + 4) break;
    for (let index = 0; index < count; index++) entries.push({ at: first + index * size });
    links.push(first + count * size);
  }
  return { view, little, isBig, entries, links: links.filter((at) => at + (isBig ? 8 : 4) <= bytes.length) };
}
