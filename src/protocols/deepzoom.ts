/** DeepZoom (Microsoft, 2008 schema): `{path}.dzi` and `{path}_files/{level}/{column}_{row}.{format}`. */
import { after, type Awaitable } from '../awaitable.ts';
import type { OutputFormat } from '../encode/encoder.ts';
import { ServerError } from '../errors.ts';
import { fullSize } from '../geometry.ts';
import type { Size } from '../image/raster.ts';
import { findPage, type FoundPage } from './find-page.ts';
import { percentDecode } from './percent.ts';
import { planPyramidTile, wishFor } from './pyramid-tile.ts';
import type { Answer, Protocol, ProtocolContext } from './protocol.ts';

export const deepZoom: Protocol = {
  answer: ({ argument }, _request, context) => {
    const path = percentDecode(argument);
    if (/\.(dzi|xml)$/i.test(path)) return answerDescriptor(path.replace(/\.(dzi|xml)$/i, ''), context);
    const tile = parseTilePath(path);
    if (tile === undefined)
      throw new ServerError('bad-request', 'this is neither a .dzi nor a tile of a DeepZoom image');
    return answerTile(tile, context);
  },
};

interface TilePath {
  readonly name: string;
  readonly level: number;
  readonly column: number;
  readonly row: number;
  readonly format: OutputFormat;
}

const TILE_PATH = /^(.+)_files\/(\d{1,3})\/(\d{1,9})_(\d{1,9})\.([a-z]+)$/i;
const FORMATS: Readonly<Record<string, OutputFormat>> = {
  jpg: 'jpeg',
  jpeg: 'jpeg',
  png: 'png',
  webp: 'webp',
  avif: 'avif',
  tif: 'tiff',
};

function parseTilePath(path: string): TilePath | undefined {
  const [, name, level, column, row, extension] = TILE_PATH.exec(path) ?? [];
  const format = FORMATS[(extension ?? '').toLowerCase()];
  if (name === undefined || format === undefined) return undefined;
  return { name, level: Number(level), column: Number(column), row: Number(row), format };
}

function answerDescriptor(name: string, context: ProtocolContext): Awaitable<Answer> {
  return after(findPage(name, context), ({ image }) => {
    const { width, height, tileWidth } = fullSize(image.info);
    const text =
      `<Image xmlns="http://schemas.microsoft.com/deepzoom/2008" TileSize="${tileWidth}" Overlap="0" Format="jpg">` +
      `<Size Width="${width}" Height="${height}"/></Image>`;
    return { kind: 'document', contentType: 'application/xml', text, image };
  });
}

/** Levels count up to ceil(log2(longer side)), the full size; each one below is half of it, rounded up. */
export function deepZoomTop(full: Size): number {
  return Math.ceil(Math.log2(Math.max(full.width, full.height)));
}

/** A level above the top is the top, as in every iipsrv. */
function answerTile(path: TilePath, context: ProtocolContext): Awaitable<Answer> {
  return after(findPage(path.name, context), (found) => tileOf(found, path, context));
}

function tileOf(found: FoundPage, path: TilePath, context: ProtocolContext): Answer {
  const { image } = found;
  const { width, height } = fullSize(image.info);
  const factor = 2 ** Math.max(0, deepZoomTop({ width, height }) - path.level);
  const plan = planPyramidTile(wishFor(found, path.format, context), {
    factor,
    size: { width: Math.ceil(width / factor), height: Math.ceil(height / factor) },
    column: path.column,
    row: path.row,
    settings: context.config,
  });
  return { kind: 'picture', plan, image };
}
