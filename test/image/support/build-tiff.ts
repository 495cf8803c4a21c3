/** Writes TIFF files for tests: any byte order, any tags, segments as they are given. */
import { TAG, TYPE, TYPE_BYTES } from '../../../src/image/tiff/tags.ts';
import type { TagName } from '../../../src/image/tiff/tags.ts';

export type TypeName = keyof typeof TYPE;

/** Values of a tag: numbers (rationals as quotients over 1000), text without its NUL, or bytes. */
export interface TagSpec {
  readonly tag: TagName | number;
  readonly type: TypeName;
  readonly values: readonly number[] | string | Uint8Array;
  /** Written instead of the real number of values. */
  readonly count?: number;
  /** Written instead of the real place of the values. */
  readonly offset?: number;
}

export interface DirectorySpec {
  readonly tags: readonly TagSpec[];
  /** Encoded tiles or strips; `undefined` is sparse. */
  readonly segments?: readonly (Uint8Array | undefined)[];
  readonly segmentKind?: 'tiles' | 'strips';
  readonly subdirectories?: readonly DirectorySpec[];
  /** Written instead of the offset of the next directory. */
  readonly next?: number;
}

export interface TiffOptions {
  readonly isLittleEndian?: boolean;
  readonly isBig?: boolean;
}

/** A classic or BigTIFF with a chain of directories. */
export function buildTiff(directories: readonly DirectorySpec[], options: TiffOptions = {}): Uint8Array {
  return new TiffWriter(options).write(directories);
}

class TiffWriter {
  readonly #little: boolean;
  readonly #big: boolean;
  #bytes = Buffer.alloc(0);

  constructor({ isLittleEndian = true, isBig = false }: TiffOptions) {
    this.#little = isLittleEndian;
    this.#big = isBig;
  }

  write(directories: readonly DirectorySpec[]): Uint8Array {
    const header = this.#little ? 'II' : 'MM';
    this.#append(Buffer.from(header, 'latin1'));
    this.#append(this.#numbers('short', this.#big ? [43, 8, 0] : [42]));
    let link = this.#append(this.#word(0));
    for (const directory of directories) link = this.#directory(directory, link);
    return new Uint8Array(this.#bytes);
  }

  /** Writes a directory and its offset to `link`; the answer is where the offset of the next one belongs. */
  #directory(spec: DirectorySpec, link: number): number {
    const tags = [...spec.tags, ...this.#segmentTags(spec), ...this.#subdirectoryTags(spec)];
    tags.sort((a, b) => tagNumber(a) - tagNumber(b));
    const entries = tags.map((tag) => this.#entry(tag));
    if (this.#bytes.length % 2 === 1) this.#append(Buffer.alloc(1));
    const count = this.#big ? this.#word(entries.length) : this.#numbers('short', [entries.length]);
    const start = this.#append(Buffer.concat([count, ...entries]));
    this.#patch(link, start);
    return this.#append(this.#word(spec.next ?? 0));
  }

  #segmentTags({ segments, segmentKind = 'tiles' }: DirectorySpec): TagSpec[] {
    if (segments === undefined) return [];
    const type: TypeName = this.#big ? 'long8' : 'long';
    const offsets = segments.map((bytes) => (bytes === undefined ? 0 : this.#append(bytes)));
    const counts = segments.map((bytes) => bytes?.length ?? 0);
    const isTiled = segmentKind === 'tiles';
    return [
      { tag: isTiled ? 'TileOffsets' : 'StripOffsets', type, values: offsets },
      { tag: isTiled ? 'TileByteCounts' : 'StripByteCounts', type, values: counts },
    ];
  }

  #subdirectoryTags({ subdirectories }: DirectorySpec): TagSpec[] {
    if (subdirectories === undefined) return [];
    const values = subdirectories.map((directory) => {
      const link = this.#append(this.#word(0));
      this.#directory(directory, link);
      return this.#readWord(link);
    });
    return [{ tag: 'SubIFDs', type: this.#big ? 'ifd8' : 'ifd', values }];
  }

  #entry(spec: TagSpec): Buffer {
    const bytes = this.#values(spec);
    const count = spec.count ?? bytes.length / (TYPE_BYTES[TYPE[spec.type]] ?? 1);
    const wordBytes = this.#big ? 8 : 4;
    const isInline = bytes.length <= wordBytes && spec.offset === undefined;
    const value = isInline
      ? Buffer.concat([bytes, Buffer.alloc(wordBytes - bytes.length)])
      : this.#word(spec.offset ?? this.#append(bytes));
    return Buffer.concat([
      this.#numbers('short', [tagNumber(spec), TYPE[spec.type]]),
      this.#word(count),
      value,
    ]);
  }

  #values({ type, values }: TagSpec): Buffer {
    if (typeof values === 'string') return Buffer.from(`${values}\0`, 'utf8');
    return values instanceof Uint8Array ? Buffer.from(values) : this.#numbers(type, values);
  }

  #numbers(type: TypeName, values: readonly number[]): Buffer {
    const size = TYPE_BYTES[TYPE[type]] ?? 1;
    const buffer = Buffer.alloc(values.length * size);
    const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
    values.forEach((value, i) => writeNumber(view, i * size, { type, value, isLittleEndian: this.#little }));
    return buffer;
  }

  #word(value: number): Buffer {
    return this.#numbers(this.#big ? 'long8' : 'long', [value]);
  }

  #readWord(at: number): number {
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length);
    return this.#big ? Number(view.getBigUint64(at, this.#little)) : view.getUint32(at, this.#little);
  }

  #append(bytes: Uint8Array): number {
    const at = this.#bytes.length;
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    return at;
  }

  #patch(at: number, value: number): void {
    this.#word(value).copy(this.#bytes, at);
  }
}

function tagNumber({ tag }: TagSpec): number {
  return typeof tag === 'number' ? tag : TAG[tag];
}

interface NumberSpec {
  readonly type: TypeName;
  readonly value: number;
  readonly isLittleEndian: boolean;
}

function writeNumber(view: DataView, at: number, { type, value, isLittleEndian }: NumberSpec): void {
  switch (type) {
    case 'byte':
    case 'ascii':
    case 'undefined':
      return view.setUint8(at, value);
    case 'sbyte':
      return view.setInt8(at, value);
    case 'short':
      return view.setUint16(at, value, isLittleEndian);
    case 'sshort':
      return view.setInt16(at, value, isLittleEndian);
    case 'long':
    case 'ifd':
      return view.setUint32(at, value, isLittleEndian);
    case 'slong':
      return view.setInt32(at, value, isLittleEndian);
    case 'rational':
    case 'srational':
      view.setInt32(at, Math.round(value * 1000), isLittleEndian);
      return view.setInt32(at + 4, 1000, isLittleEndian);
    case 'float':
      return view.setFloat32(at, value, isLittleEndian);
    case 'double':
      return view.setFloat64(at, value, isLittleEndian);
    case 'long8':
    case 'ifd8':
    case 'slong8':
      return view.setBigInt64(at, BigInt(value), isLittleEndian);
  }
}

export interface PictureSpec {
  readonly width: number;
  readonly height: number;
  readonly bands?: number;
  readonly bits?: number;
  readonly photometric?: number;
  readonly compression?: number;
  readonly tile?: { readonly width: number; readonly height: number };
  readonly rowsPerStrip?: number;
  readonly extra?: readonly TagSpec[];
}

/** The tags that every picture has, for 8-bit gray in tiles of 16 unless the spec says otherwise. */
export function pictureTags(spec: PictureSpec): TagSpec[] {
  const {
    width,
    height,
    bands = 1,
    bits = 8,
    photometric = 1,
    compression = 1,
    extra = [],
    rowsPerStrip,
  } = spec;
  const tile = spec.tile ?? (rowsPerStrip === undefined ? { width: 16, height: 16 } : undefined);
  const segment: TagSpec[] =
    tile === undefined
      ? [{ tag: 'RowsPerStrip', type: 'long', values: [rowsPerStrip ?? height] }]
      : [
          { tag: 'TileWidth', type: 'short', values: [tile.width] },
          { tag: 'TileLength', type: 'short', values: [tile.height] },
        ];
  return [
    { tag: 'ImageWidth', type: 'long', values: [width] },
    { tag: 'ImageLength', type: 'long', values: [height] },
    { tag: 'BitsPerSample', type: 'short', values: Array<number>(bands).fill(bits) },
    { tag: 'Compression', type: 'short', values: [compression] },
    { tag: 'PhotometricInterpretation', type: 'short', values: [photometric] },
    { tag: 'SamplesPerPixel', type: 'short', values: [bands] },
    ...segment,
    ...extra,
  ];
}
