/** ICCLab and ITULab samples as those of CIELAB, the one kind that rasters hold: a* and b* in two's complement. */
import type { Raster } from '../raster.ts';
import { PHOTOMETRIC } from './subfile.ts';
import type { Subfile } from './subfile.ts';

/** L* of 16-bit ICCLab is 100 at FF00 (ICC.1:1998, annex A); a* and b* of both kinds have their middle where CIELAB has 0. */
const ICC_WHITE = 0xff00;

/** In place; samples of CIELAB stay as they are. */
export function toCielab(raster: Raster, { photometric, labRange }: Subfile): void {
  const isItu = photometric === PHOTOMETRIC.itulab;
  if (raster.sampleFormat === 'float' || (!isItu && photometric !== PHOTOMETRIC.icclab)) return;
  const top = 2 ** raster.bitsPerSample - 1;
  const tables = [0, 1, 2].map((band) => {
    const [low = 0, high = 0] = labRange.slice(band * 2, band * 2 + 2);
    const convert = isItu
      ? (value: number): number => storedOf(low + (value * (high - low)) / top, band, top)
      : (value: number): number => iccToCielab(value, band, top);
    return Uint16Array.from({ length: top + 1 }, (_, value) => convert(value));
  });
  const { data, bands } = raster;
  for (let i = 0; i + bands <= data.length; i += bands)
    for (let band = 0; band < 3; band++) data[i + band] = tables[band]![data[i + band]!]!;
}

function iccToCielab(value: number, band: number, top: number): number {
  if (band > 0) return value ^ ((top + 1) / 2);
  return top === 255 ? value : Math.min(Math.round((value * top) / ICC_WHITE), top);
}

/** L* of 0 to 100, a* or b* as CIELAB has them in samples of 8 or 16 bits. */
function storedOf(value: number, band: number, top: number): number {
  if (band === 0) return Math.round((Math.min(Math.max(value, 0), 100) * top) / 100);
  const unit = (top + 1) / 256;
  const clamped = Math.min(Math.max(Math.round(value * unit), -128 * unit), 128 * unit - 1);
  return clamped & top;
}
