import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServerError } from '../../src/errors.ts';
import { cielabToSrgb } from './reference/cielab.ts';
import type { FloatRaster } from '../../src/processing/rasters.ts';
import { srgbEncode } from './reference/srgb-curve.ts';
import { bytes, floats, listOf, longs, noise, words } from './rasters-of.ts';

/** L*, a*, b*, and the 8 bits that `vips colourspace … srgb` of libvips 8.14 makes of them. */
const BY_VIPS = [
  { lab: [50, 0, 0], srgb: [119, 119, 119] },
  { lab: [100, 0, 0], srgb: [255, 255, 255] },
  { lab: [53.24, 80.09, 67.2], srgb: [255, 0, 0] },
  { lab: [87.73, -86.18, 83.18], srgb: [0, 255, 0] },
  { lab: [32.3, 79.19, -107.86], srgb: [0, 0, 255] },
  { lab: [75, -20, 30], srgb: [167, 194, 128] },
  { lab: [25.5, 12.25, -40.5], srgb: [18, 58, 122] },
  { lab: [2, 1, -1], srgb: [9, 7, 10] },
];

function assertLevels(made: FloatRaster, wanted: readonly number[], tolerance: number): void {
  assert.equal(made.data.length, wanted.length);
  made.data.forEach((v, i) =>
    assert.ok(Math.abs(v * 255 - wanted[i]!) < tolerance, `${v * 255}, not ${wanted[i]}`),
  );
}

const byte = (v: number) => v & 0xff;
const word = (v: number) => v & 0xffff;

describe('cielabToSrgb', () => {
  for (const { lab, srgb } of BY_VIPS) {
    const [l = 0, a = 0, b = 0] = lab;
    it(`makes ${srgb.join(' ')} of ${lab.join(' ')}, from floats and from 16 bits`, () => {
      // libvips rounds by a table of its own and can be half a level off.
      assertLevels(cielabToSrgb(floats(3, lab)), srgb, 0.75);
      const stored = words(3, [
        Math.round(l * 327.67) << 1,
        word(Math.round(a * 256)),
        word(Math.round(b * 256)),
      ]);
      assertLevels(cielabToSrgb(stored, 'fractional'), srgb, 0.75);
    });
  }

  it('reads 8 bits: L* of 255 is 100, a* and b* are signed', () => {
    const stored = bytes(3, [255, 0, 0, 0, 0, 0], [100, byte(-30), 20, 150, 40, byte(-90)]);
    const meant = floats(3, [100, 0, 0, 0, 0, 0], [(100 * 100) / 255, -30, 20, (150 * 100) / 255, 40, -90]);
    assert.deepEqual(listOf(cielabToSrgb(stored)), listOf(cielabToSrgb(meant)));
  });

  it('takes whole units of 16-bit a* and b* unless told otherwise', () => {
    const l = Math.round(60 * 327.67) << 1;
    const fraction = words(3, [l, word(-20.25 * 256), word(30.75 * 256)]);
    const whole = words(3, [l, word(-21 * 256), word(30 * 256)]);
    assert.deepEqual(cielabToSrgb(fraction), cielabToSrgb(whole));
    assert.notDeepEqual(cielabToSrgb(fraction, 'fractional'), cielabToSrgb(whole));
    assert.deepEqual(cielabToSrgb(whole, 'fractional'), cielabToSrgb(whole, 'whole'));
  });

  it('drops bands after the third and clips to 0 to 1', () => {
    const result = cielabToSrgb(bytes(4, [128, 0, 0, 77], [255, 127, 127, 1]));
    assert.deepEqual([result.bands, result.width, result.height], [3, 1, 2]);
    const next = noise(7);
    const anything = cielabToSrgb(
      floats(
        3,
        Array.from({ length: 300 }, () => next() * 400 - 200),
      ),
    );
    assert.ok(anything.data.every((v) => v >= 0 && v <= 1));
    assert.deepEqual(listOf(cielabToSrgb(floats(3, [NaN, 0, 0]))), [0, 0, 0]);
  });

  it('refuses what is no CIELAB', () => {
    const isUnsupported = (error: unknown) => error instanceof ServerError && error.kind === 'unsupported';
    assert.throws(() => cielabToSrgb(bytes(2, [1, 2])), isUnsupported);
    assert.throws(() => cielabToSrgb(longs(3, [1, 2, 3])), isUnsupported);
  });
});

describe('srgbEncode', () => {
  it('is the curve of IEC 61966-2-1 to within 4e-6', () => {
    for (let i = 0; i <= 100003; i++) {
      const v = i / 100003;
      const exact = v <= 0.0031308 ? 12.92 * v : 1.055 * Math.pow(v, 1 / 2.4) - 0.055;
      assert.ok(Math.abs(srgbEncode(v) - exact) < 4e-6, `${v}`);
    }
  });

  it('clips', () => {
    assert.deepEqual([-1, 0, 1, 2, NaN].map(srgbEncode), [0, 0, 1, 1, 0]);
  });
});
