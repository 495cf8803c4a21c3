/** OpenJPEG (libopenjp2, 2.4 or newer) by way of koffi. Only the decoding process loads this. */
import { promisify } from 'node:util';
import { loadFirst, type Koffi, type Library } from '../../system/koffi.ts';
import type { NativePlane, NativeRequest } from './messages.ts';

type Pointer = unknown;

/** OPJ_CODEC_J2K: a bare codestream. */
const CODESTREAM = 0;
const READING = 1;
const FAILED_READ = 2n ** 64n - 1n;

/** opj_dparameters_t as of 2.4 and 2.5, from which only the first two fields are set; there is room for more. */
const PARAMETERS = { bytes: 16_384, reduction: 0, layers: 4 } as const;

export interface OpenJpeg {
  readonly version: string;
  /** Planes in the order of `components`. @throws Error for what the library does not decode. */
  decode(request: NativeRequest): Promise<NativePlane[]>;
}

/** @throws Error when none of the names can be loaded, or the library is too old. */
export function loadOpenJpeg(koffi: Koffi, names: readonly string[]): OpenJpeg {
  const calls = bind(koffi, loadFirst(koffi, names));
  const version = String(calls.version());
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major !== 2 || minor < 4) throw new Error(`OpenJPEG ${version} is not 2.4 or newer`);
  return { version, decode: (request) => decode(koffi, calls, request) };
}

/** openjpeg.h. */
function bind(koffi: Koffi, library: Library) {
  const component = koffi.struct({
    dx: 'uint32', dy: 'uint32', w: 'uint32', h: 'uint32', x0: 'uint32', y0: 'uint32', prec: 'uint32', bpp: 'uint32',
    sgnd: 'uint32', resno_decoded: 'uint32', factor: 'uint32', data: 'void *', alpha: 'uint16',
  }); // prettier-ignore
  const image = koffi.struct({
    x0: 'uint32', y0: 'uint32', x1: 'uint32', y1: 'uint32', numcomps: 'uint32', color_space: 'int32',
    comps: 'void *', icc_profile_buf: 'void *', icc_profile_len: 'uint32',
  }); // prettier-ignore
  const read = koffi.pointer(koffi.proto('size_t (void *buffer, size_t length, void *user)'));
  const skip = koffi.pointer(koffi.proto('int64_t (int64_t length, void *user)'));
  const seek = koffi.pointer(koffi.proto('int (int64_t position, void *user)'));
  return {
    types: { component, image, read, skip, seek },
    version: library.func('const char *opj_version()'),
    createCodec: library.func('void *opj_create_decompress(int format)'),
    destroyCodec: library.func('void opj_destroy_codec(void *codec)'),
    setDefaults: library.func('void opj_set_default_decoder_parameters(void *parameters)'),
    setUp: library.func('int opj_setup_decoder(void *codec, void *parameters)'),
    createStream: library.func('void *opj_stream_create(size_t bufferSize, int isReading)'),
    destroyStream: library.func('void opj_stream_destroy(void *stream)'),
    onRead: library.func('opj_stream_set_read_function', 'void', ['void *', read]),
    onSkip: library.func('opj_stream_set_skip_function', 'void', ['void *', skip]),
    onSeek: library.func('opj_stream_set_seek_function', 'void', ['void *', seek]),
    setLength: library.func('void opj_stream_set_user_data_length(void *stream, uint64_t length)'),
    readHeader: library.func('int opj_read_header(void *stream, void *codec, _Out_ void **image)'),
    setArea: library.func(
      'int opj_set_decode_area(void *codec, void *image, int32_t x0, int32_t y0, int32_t x1, int32_t y1)',
    ),
    decode: library.func('int opj_decode(void *codec, void *stream, void *image)'),
    destroyImage: library.func('void opj_image_destroy(void *image)'),
  };
}

type Calls = ReturnType<typeof bind>;

async function decode(koffi: Koffi, calls: Calls, request: NativeRequest): Promise<NativePlane[]> {
  const { area, reduction, layers, bytes } = request;
  const codec: Pointer = calls.createCodec(CODESTREAM);
  const source = streamOf(koffi, calls, bytes);
  let image: Pointer = null;
  try {
    const parameters = Buffer.alloc(PARAMETERS.bytes);
    calls.setDefaults(parameters);
    parameters.writeUInt32LE(reduction, PARAMETERS.reduction);
    parameters.writeUInt32LE(layers, PARAMETERS.layers);
    expect(calls.setUp(codec, parameters), 'set up');
    const found: Pointer[] = [null];
    const hasHeader: unknown = calls.readHeader(source.stream, codec, found);
    image = found[0];
    expect(hasHeader, 'read the header');
    expect(calls.setArea(codec, image, area.x0, area.y0, area.x1, area.y1), 'set the area');
    // In a thread of its own: this one goes on to listen, and to look at the memory.
    const decodeThere = promisify(calls.decode.async) as (...pointers: Pointer[]) => Promise<unknown>;
    expect(await decodeThere(codec, source.stream, image), 'decode');
    return planesOf(koffi, calls, image, request);
  } finally {
    if (image !== null) calls.destroyImage(image);
    source.close();
    calls.destroyCodec(codec);
  }
}

function expect(result: unknown, what: string): void {
  if (result !== 1) throw new Error(`OpenJPEG could not ${what}`);
}

interface OpjStream {
  readonly stream: Pointer;
  close(): void;
}

/** A stream of the library over bytes of ours; its buffer takes all of them at the first read. */
function streamOf(koffi: Koffi, calls: Calls, bytes: Uint8Array): OpjStream {
  let position = 0;
  const read = (buffer: Pointer, length: number | bigint): number | bigint => {
    const piece = bytes.subarray(position, position + Number(length));
    if (piece.length === 0) return FAILED_READ;
    new Uint8Array(koffi.view(buffer, piece.length)).set(piece);
    position += piece.length;
    return piece.length;
  };
  const skip = (length: number | bigint): number => {
    const from = position;
    position = Math.min(Math.max(position + Number(length), 0), bytes.length);
    return position - from;
  };
  const seek = (to: number | bigint): number => {
    if (to < 0 || to > bytes.length) return 0;
    position = Number(to);
    return 1;
  };
  const callbacks = [
    koffi.register(read, calls.types.read),
    koffi.register(skip, calls.types.skip),
    koffi.register(seek, calls.types.seek),
  ] as const;
  const stream: Pointer = calls.createStream(Math.max(bytes.length, 1024), READING);
  calls.onRead(stream, callbacks[0]);
  calls.onSkip(stream, callbacks[1]);
  calls.onSeek(stream, callbacks[2]);
  calls.setLength(stream, bytes.length);
  return {
    stream,
    close: () => {
      calls.destroyStream(stream);
      for (const callback of callbacks) koffi.unregister(callback);
    },
  };
}

interface OpjImage {
  readonly numcomps: number;
  readonly comps: Pointer;
}

interface OpjComponent {
  readonly w: number;
  readonly h: number;
  readonly x0: number;
  readonly y0: number;
  readonly data: Pointer;
}

function planesOf(koffi: Koffi, { types }: Calls, image: Pointer, request: NativeRequest): NativePlane[] {
  const { numcomps, comps } = koffi.decode(image, types.image) as OpjImage;
  const all = koffi.decode(comps, types.component, numcomps) as OpjComponent[];
  return request.components.map((component) => {
    const { w, h, x0, y0, data } = all[component] ?? { w: 0, h: 0, x0: 0, y0: 0, data: null };
    if (data === null || w * h === 0) throw new Error(`OpenJPEG gave no component ${component}`);
    const [left, top] = [Math.ceil(x0 / 2 ** request.reduction), Math.ceil(y0 / 2 ** request.reduction)];
    // A copy: the memory is the library's.
    const samples = new Int32Array(koffi.view(data, w * h * 4)).slice();
    return { x0: left, y0: top, x1: left + w, y1: top + h, samples };
  });
}
