/** The parts of a stored level out of which a window of a virtual one is made. */
import type { LevelInfo } from '../info.ts';
import type { Rectangle, Size } from '../raster.ts';

/** Samples that are decoded in one piece, unless a tile, a row or rows that belong together have more. */
export const PIECE_SAMPLES = 2 ** 20;

/** What of the stored level lies under a window of a level that is `factor` times smaller. */
export function sourceWindow({ x, y, width, height }: Rectangle, factor: number, source: Size): Rectangle {
  const left = x * factor;
  const top = y * factor;
  return {
    x: left,
    y: top,
    width: Math.min(width * factor, source.width - left),
    height: Math.min(height * factor, source.height - top),
  };
}

/** The window in pieces that end where tiles end, so that none is decoded twice; of strips in bands of rows. */
export function* piecesOf(window: Rectangle, level: LevelInfo, bands: number): Generator<Rectangle> {
  const { width, height } = pieceSize(window, level, bands);
  const [right, bottom] = [window.x + window.width, window.y + window.height];
  for (let y = window.y; y < bottom;) {
    const nextY = Math.min(bottom, (Math.floor(y / height) + 1) * height);
    for (let x = window.x; x < right;) {
      const nextX = Math.min(right, (Math.floor(x / width) + 1) * width);
      yield { x, y, width: nextX - x, height: nextY - y };
      x = nextX;
    }
    y = nextY;
  }
}

/** Rows that are decoded at once for any of them. */
export function rowsTogether({ isCut, tileHeight, rowsTogether: rows = 1 }: LevelInfo): number {
  return isCut === true ? rows : tileHeight;
}

function pieceSize(window: Rectangle, level: LevelInfo, bands: number): Size {
  const { isCut, width, tileWidth, tileHeight } = level;
  if (isCut === true) {
    const step = rowsTogether(level);
    return { width, height: step * Math.max(1, Math.floor(PIECE_SAMPLES / (window.width * bands * step))) };
  }
  const tiles = Math.max(1, Math.floor(PIECE_SAMPLES / (tileWidth * tileHeight * bands)));
  return { width: tiles * tileWidth, height: tileHeight };
}
