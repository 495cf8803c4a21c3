/** Pictures with gradients, shapes, texture and grain, so that no two tiles are alike and none compresses to nothing. */
import { seededRandom } from '../seeded.ts';
import type { Recipe } from './recipes.ts';

export type Samples = Uint8Array | Uint16Array | Float32Array;

/** Side of the texture that is repeated at several scales; a power of two. */
const TEXTURE = 1024;

const GRAIN = 65_536;

/** All samples of the full picture, bands interleaved. */
export function paint(recipe: Recipe): Samples {
  const { side, bands } = recipe;
  const samples = emptySamples(recipe, side);
  const scale = recipe.sample === 'uint8' ? 255 : recipe.sample === 'uint16' ? 65_535 : 1;
  if (recipe.content === 'normals') paintNormals(samples, side);
  else paintBands(samples, { side, bands, scale });
  return samples;
}

export function emptySamples({ sample, bands }: Recipe, side: number): Samples {
  const count = side * side * bands;
  switch (sample) {
    case 'uint8':
      return new Uint8Array(count);
    case 'uint16':
      return new Uint16Array(count);
    case 'float32':
      return new Float32Array(count);
  }
}

interface Canvas {
  readonly side: number;
  readonly bands: number;
  readonly scale: number;
}

function paintBands(samples: Samples, { side, bands, scale }: Canvas): void {
  const texture = makeTexture();
  const grain = makeGrain();
  for (let y = 0, at = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const broad = (x / side) * 0.2 + texture[texel(x >> 4, y >> 4)]! * 0.2;
      const fine = texture[texel(x, y)]! * 0.3;
      for (let band = 0; band < bands; band++, at++) {
        const tint = texture[texel((x >> 2) + band * 151, (y >> 2) + band * 67)]! * 0.2;
        const noise = grain[(x * 7 + y * 8191 + band * 977) & (GRAIN - 1)]!;
        samples[at] = (broad + fine + tint + noise) * scale;
      }
    }
  }
}

/** Surface normals of the texture as a height field, each component brought from -1…1 to 0…255. */
function paintNormals(samples: Samples, side: number): void {
  const texture = makeTexture();
  for (let y = 0, at = 0; y < side; y++) {
    for (let x = 0; x < side; x++, at += 3) {
      const slopeX = (texture[texel(x + 1, y)]! - texture[texel(x - 1, y)]!) * 8;
      const slopeY = (texture[texel(x, y + 1)]! - texture[texel(x, y - 1)]!) * 8;
      const length = Math.sqrt(slopeX * slopeX + slopeY * slopeY + 1);
      samples[at] = 127.5 - (127.5 * slopeX) / length;
      samples[at + 1] = 127.5 - (127.5 * slopeY) / length;
      samples[at + 2] = 127.5 + 127.5 / length;
    }
  }
}

const texel = (x: number, y: number): number => (y & (TEXTURE - 1)) * TEXTURE + (x & (TEXTURE - 1));

/** Values from 0 to 1: waves in three directions and some thousand hard-edged disks. It meets itself at the edges. */
function makeTexture(): Float32Array {
  const random = seededRandom(11);
  const texture = new Float32Array(TEXTURE * TEXTURE);
  const turn = (2 * Math.PI) / TEXTURE;
  for (let y = 0; y < TEXTURE; y++) {
    for (let x = 0; x < TEXTURE; x++) {
      const waves =
        Math.sin(turn * (5 * x + 3 * y)) + Math.sin(turn * (9 * y - 4 * x)) + Math.sin(turn * 23 * (x + y));
      texture[y * TEXTURE + x] = 0.5 + waves / 9;
    }
  }
  for (let count = 0; count < 4000; count++) {
    const disk = {
      x: random() * TEXTURE,
      y: random() * TEXTURE,
      radius: 1 + random() * 14,
      shift: random() * 0.8 - 0.4,
    };
    drawDisk(texture, disk);
  }
  return texture.map((value) => Math.min(1, Math.max(0, value)));
}

interface Disk {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly shift: number;
}

function drawDisk(texture: Float32Array, { x, y, radius, shift }: Disk): void {
  const reach = Math.ceil(radius);
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      if (dx * dx + dy * dy <= radius * radius)
        texture[texel(Math.floor(x) + dx, Math.floor(y) + dy)]! += shift;
    }
  }
}

/** Noise of a sensor: 0.1 and less. */
function makeGrain(): Float32Array {
  const random = seededRandom(12);
  return new Float32Array(GRAIN).map(() => ((random() + random()) / 2) * 0.1);
}
