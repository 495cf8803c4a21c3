/** SPECTRA and PFL: numbers read out of the image, one set for each view of a sequence or page of a stack. */
import type { Awaitable } from '../../awaitable.ts';
import { ServerError } from '../../errors.ts';
import { levelOf, levelOfResolution, tileOfNumber, tileWindow } from '../../geometry.ts';
import { infoOfPage, type LevelInfo } from '../../image/info.ts';
import type { Rectangle } from '../../image/raster.ts';
import type { SampleQuery, SampleTable } from '../../render/samples.ts';
import type { Answer, FoundImage, View } from '../protocol.ts';
import type { Command } from './command.ts';
import { malformed } from './frame.ts';

type SampleCommand = Command & { kind: 'spectra' | 'profile' };

/** Opens the same image in another view; for a single file the view is ignored. */
export type OpenView = (view: View) => Awaitable<FoundImage>;

interface SampleContext {
  readonly image: FoundImage;
  readonly view: View;
  readonly openView: OpenView;
}

/** Which samples to read, and how their numbers are written. */
export async function planSamples(command: SampleCommand, context: SampleContext): Promise<Answer> {
  const { info } = context.image;
  const level = levelOfResolution(info, command.resolution);
  if (level < 0 || command.resolution < 0)
    throw malformed(command.kind === 'spectra' ? 'SPECTRA' : 'PFL', 'the image has no such resolution');
  const window =
    command.kind === 'spectra'
      ? spectrumWindow(levelOf(info, level), command)
      : profileWindow(levelOf(info, level), command);
  const query: SampleQuery = { level, window, sources: await sampleSources(context, level) };
  return command.kind === 'spectra'
    ? { kind: 'samples', query, contentType: 'application/xml', format: formatSpectra }
    : { kind: 'samples', query, contentType: 'application/json', format: formatProfile };
}

/** One pixel; x and y count inside the tile. */
function spectrumWindow(level: LevelInfo, command: Command & { kind: 'spectra' }): Rectangle {
  const tile = tileOfNumber(level, command.tile);
  if (tile === undefined) throw malformed('SPECTRA', 'the resolution has no such tile');
  const window = tileWindow(level, tile);
  const { x, y } = command;
  if (x < 0 || y < 0 || x >= window.width || y >= window.height)
    throw malformed('SPECTRA', 'the point is outside the tile');
  return { x: window.x + x, y: window.y + y, width: 1, height: 1 };
}

/** A horizontal line when x2 > x1, else a vertical one when y2 > y1, else one point. */
function profileWindow(level: LevelInfo, command: Command & { kind: 'profile' }): Rectangle {
  const { from, to } = command;
  const isHorizontal = to.x > from.x;
  const width = isHorizontal ? to.x - from.x : 1;
  const height = !isHorizontal && to.y > from.y ? to.y - from.y : 1;
  const isInside =
    from.x >= 0 && from.y >= 0 && from.x + width <= level.width && from.y + height <= level.height;
  if (!isInside) throw malformed('PFL', 'the line is outside the image');
  return { x: from.x, y: from.y, width, height };
}

/** Views that one answer may read; a sequence has at most 360 in practice. */
const MAX_SOURCES = 1024;

/** Every view of a sequence, or every page whose level has the same size. */
async function sampleSources(context: SampleContext, level: number): Promise<SampleQuery['sources']> {
  const { image, view } = context;
  const horizontal = image.views?.horizontal ?? [];
  if (horizontal.length > MAX_SOURCES)
    throw new ServerError('too-large', 'the sequence has too many views for one answer');
  if (horizontal.length > 0) {
    const found = await Promise.all(
      horizontal.map(async (number) => context.openView({ horizontal: number, vertical: view.vertical })),
    );
    return found.map((one, index) => ({ ...one.source, page: 0, name: String(horizontal[index]), scale: 1 }));
  }
  const { width, height } = levelOf(image.info, level);
  const pages = image.info.pages.flatMap(({ name, scale }, page) => {
    const own = infoOfPage(image.info, page).levels[level];
    const isAlike = own?.width === width && own.height === height;
    return isAlike ? [{ ...image.source, page, name: name || String(page), scale }] : [];
  });
  if (pages.length > MAX_SOURCES)
    throw new ServerError('too-large', 'the image has too many pages for one answer');
  return pages;
}

/** Reflectance: up to 16 bit as a fraction of the largest value, 32 bit as it is. */
function formatSpectra(table: SampleTable): string {
  const points = table.map(({ name, bitsPerSample, values }) => {
    const divisor = bitsPerSample <= 16 ? 2 ** bitsPerSample - 1 : 1;
    const reflectance = ((values[0] ?? 0) / divisor).toFixed(6);
    return `\t<point>\n\t\t<wavelength>${escapeXml(name)}</wavelength>\n\t\t<reflectance>${reflectance}</reflectance>\n\t</point>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<spectra>\n${points.join('')}</spectra>`;
}

/** JSON: integers as numbers, floats with 9 decimals, each multiplied by its page's scale. */
function formatProfile(table: SampleTable): string {
  const list = (row: SampleTable[number]): string =>
    `[${row.values.map((value) => formatSample(value * row.scale, row.sampleFormat)).join(',')}]`;
  const only = table[0];
  if (table.length === 1 && only !== undefined) return `{\n\t"profile": ${list(only)}\n}`;
  const rows = table.map((row) => `\t\t${JSON.stringify(row.name)}: ${list(row)}`);
  return `{\n\t"profile": {\n${rows.join(',\n')}\n\t}\n}`;
}

/** JSON has no NaN: `null`. */
function formatSample(value: number, format: 'uint' | 'float'): string {
  if (!Number.isFinite(value)) return 'null';
  return format === 'float' ? value.toFixed(9) : String(value);
}

function escapeXml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&apos;',
  };
  return text.replace(/[&<>"']/g, (sign) => entities[sign] ?? sign);
}
