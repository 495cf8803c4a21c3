/** Zstandard for TIFF: neither sharp's libtiff nor the zlib of Node 20 has it. */

type Compress = (bytes: Uint8Array, level: number) => Uint8Array;

let loading: Promise<Compress> | undefined;

/** One Zstandard frame (RFC 8878); `level` 1–19. The WebAssembly module is loaded when it is first needed. */
export async function zstdCompressed(bytes: Uint8Array, level: number): Promise<Uint8Array> {
  loading ??= loadZstd();
  const compress = await loading;
  return compress(bytes, level);
}

async function loadZstd(): Promise<Compress> {
  const { init, compress } = await import('@bokuweb/zstd-wasm');
  await init();
  return compress;
}
