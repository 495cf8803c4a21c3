/** What people who look at pictures ask for: a seed makes the same walk through the same pictures in every run. */
import { RECIPES, TILE, type ImageName } from '../images/recipes.ts';
import { seededRandom } from '../seeded.ts';

/** Pictures under names of their own, of which some few are files and the others links to them. */
export const SESSION_IMAGES = 50;

/** Files behind the names, all of a kind that every server reads; most archives have most of the first ones. */
export const SESSION_FILES = [
  'rgb-jpeg',
  'rgb-deflate',
  'rgb-jpeg',
  'rgb-differences',
  'rgb-lzw',
  'gray16',
] as const;

export const sessionFileOf = (index: number): ImageName => SESSION_FILES[index % SESSION_FILES.length]!;

/** Below the folder of the pictures. */
export const SESSION_FOLDER = 'sessions';

export const sessionNameOf = (index: number): string =>
  `${SESSION_FOLDER}/${String(index).padStart(2, '0')}-${sessionFileOf(index)}.tif`;

/** Tiles that fill a window of some 1000 pixels square. */
const WINDOW_TILES = 4;

/** Moves of one person in one picture. */
const PANS = 6;

/** Of all requests; the others are descriptions, thumbnails and parts. */
const TILE_SHARE = 0.8;

type Random = () => number;

/**
 * `count` requests, or a few more: person after person, each with info.json, tiles from coarse to fine, then tiles
 * beside those. Pictures are chosen as Zipf found words to be: the second half as often as the first, the third a
 * third as often.
 */
export function sessionUris(seed: number, count: number): readonly string[] {
  const random = seededRandom(seed);
  const uris: string[] = [];
  while (uris.length < count) uris.push(...oneSession(zipf(random, SESSION_IMAGES), random));
  return uris;
}

/** A number below `count`, the number k (from 0) with a probability like 1 / (k + 1). */
export function zipf(random: Random, count: number): number {
  const total = Array.from({ length: count }, (_, index) => 1 / (index + 1)).reduce((a, b) => a + b);
  let left = random() * total;
  for (let index = 0; index < count; index++) {
    left -= 1 / (index + 1);
    if (left < 0) return index;
  }
  return count - 1;
}

function oneSession(image: number, random: Random): readonly string[] {
  const tiles = tilesOf(image, random);
  const others = Math.round((tiles.length * (1 - TILE_SHARE)) / TILE_SHARE) - 1;
  const uris = [iiif(image, 'info.json'), ...tiles];
  for (let index = 0; index < others; index++) {
    // Not before the description: a viewer knows nothing of the picture until then.
    uris.splice(1 + Math.floor(random() * uris.length), 0, other(image, random));
  }
  return uris;
}

/** Level by level down to full size round one place, then along it. */
function tilesOf(image: number, random: Random): readonly string[] {
  const { side } = RECIPES[sessionFileOf(image)];
  let place = { x: random(), y: random() };
  const uris: string[] = [];
  for (let scale = side / TILE / 2; scale >= 1; scale /= 2)
    uris.push(...windowAt(image, { ...place, scale }));
  for (let pan = 0; pan < PANS; pan++) {
    const step = () => ((random() - 0.5) * 2 * WINDOW_TILES * TILE) / side;
    place = { x: inside(place.x + step()), y: inside(place.y + step()) };
    uris.push(...windowAt(image, { ...place, scale: 1 }));
  }
  return [...new Set(uris)]; // Viewers keep what they have.
}

const inside = (value: number): number => Math.min(0.999, Math.max(0, value));

interface View {
  /** Of the middle, 0 to 1. */
  readonly x: number;
  readonly y: number;
  /** Pixels of the full size for one on the screen. */
  readonly scale: number;
}

function windowAt(image: number, { x, y, scale }: View): readonly string[] {
  const { side } = RECIPES[sessionFileOf(image)];
  const across = side / TILE / scale;
  const shown = Math.min(WINDOW_TILES, across);
  const first = (at: number): number =>
    Math.min(across - shown, Math.max(0, Math.floor(at * across) - (shown >> 1)));
  const [left, top] = [first(x), first(y)];
  return Array.from({ length: shown * shown }, (_, index) => {
    const [column, row] = [left + (index % shown), top + Math.floor(index / shown)];
    const length = TILE * scale;
    return iiif(image, `${column * length},${row * length},${length},${length}/${TILE},/0/default.jpg`);
  });
}

/** A thumbnail, a part that somebody cites, or the description again. */
function other(image: number, random: Random): string {
  const { side } = RECIPES[sessionFileOf(image)];
  const kind = random();
  if (kind < 0.4) return iiif(image, 'full/!200,200/0/default.jpg');
  if (kind < 0.6) return iiif(image, 'info.json');
  const length = 256 + Math.floor(random() * 1024);
  const [x, y] = [Math.floor(random() * (side - length)), Math.floor(random() * (side - length))];
  return iiif(image, `${x},${y},${length},${length}/!600,600/0/default.jpg`);
}

const iiif = (image: number, rest: string): string =>
  `/fcgi-bin/iipsrv.fcgi?IIIF=${sessionNameOf(image)}/${rest}`;
