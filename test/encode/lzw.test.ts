import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gifLzw, lzwCompress, TIFF_LZW } from '../../src/encode/lzw.ts';

/** Values of `width` bits, the highest bit first, filled up with zeros to whole bytes. */
function bits(width: number, values: readonly number[]): number[] {
  const text = values.map((value) => value.toString(2).padStart(width, '0')).join('');
  return (text.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2));
}

describe('LZW', () => {
  it('writes the example of TIFF 6.0, section 13', () => {
    const out = lzwCompress(Uint8Array.of(7, 7, 7, 8, 8, 7, 7, 6, 6), TIFF_LZW);
    assert.deepEqual([...out], bits(9, [256, 7, 258, 8, 8, 258, 6, 6, 257]));
  });

  it('writes the well-known ten by ten GIF', () => {
    const rows = ['1111122222', '1111122222', '1111122222', '1110000222', '1110000222'];
    const lower = ['2220000111', '2220000111', '2222211111', '2222211111', '2222211111'];
    const pixels = Uint8Array.from([...rows, ...lower].join(''), Number);
    const out = lzwCompress(pixels, gifLzw(2));
    assert.equal(Buffer.from(out).toString('hex'), '8c2d99872a1cdc33a00275ec95faa8de608c04914c01');
  });

  it('writes nothing but clear and end for nothing', () => {
    assert.deepEqual([...lzwCompress(new Uint8Array(0), TIFF_LZW)], bits(9, [256, 257]));
  });

  it('makes one code after the other of a long run', () => {
    // Runs of 1, 2, 3 … n symbols: the square root of their number of codes.
    const out = lzwCompress(new Uint8Array(500_000), TIFF_LZW);
    assert.ok(out.length < 1600, `${out.length}`);
  });
});
