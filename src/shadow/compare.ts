/** How two answers to one request differ: by status, by type, by size, by pixels. */
import sharp from 'sharp';

export interface Fetched {
  /** 0: there was no answer. */
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array;
  /** Where it was asked; texts may name it, and then do not differ by it. */
  readonly origin?: string;
  /** Why there was none. */
  readonly failure?: string;
}

export type Difference =
  | { readonly kind: 'same' }
  | { readonly kind: 'status'; readonly from: number; readonly to: number; readonly failure?: string }
  | { readonly kind: 'type'; readonly from: string; readonly to: string }
  | { readonly kind: 'size'; readonly from: string; readonly to: string }
  /** Alike enough, but not the same bytes. `psnr` in decibels. */
  | { readonly kind: 'close'; readonly psnr: number }
  | { readonly kind: 'pixels'; readonly psnr: number }
  | { readonly kind: 'text' }
  | { readonly kind: 'undecodable'; readonly which: 'from' | 'to' };

/** @param leastPsnr decibels from which on two pictures count as alike. */
export async function compareAnswers(from: Fetched, to: Fetched, leastPsnr: number): Promise<Difference> {
  if (from.status !== to.status || to.status === 0) {
    const failure = to.failure ?? from.failure;
    return {
      kind: 'status',
      from: from.status,
      to: to.status,
      ...(failure === undefined ? {} : { failure }),
    };
  }
  // The words of an error are nobody's picture.
  if (from.status >= 300 || Buffer.compare(from.body, to.body) === 0) return { kind: 'same' };
  const types = [from, to].map(({ contentType }) => (contentType.split(';')[0] ?? '').trim().toLowerCase());
  if (types[0] !== types[1]) return { kind: 'type', from: types[0]!, to: types[1]! };
  return types[0]!.startsWith('image/') ? comparePictures(from, to, leastPsnr) : compareTexts(from, to);
}

/** JSON is compared by its members, other texts by their lines without the blanks at their ends. */
function compareTexts(from: Fetched, to: Fetched): Difference {
  const [one, two] = [from, to].map(({ body, origin }) => {
    const text = Buffer.from(body).toString('utf8');
    return normalText(origin === undefined ? text : text.replaceAll(origin, ''));
  });
  return { kind: one === two ? 'same' : 'text' };
}

function normalText(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), (_, value: unknown) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
        : value,
    );
  } catch {
    // It is no JSON.
    return text.split(/\r?\n/).map((line) => line.trimEnd()).join('\n').trim(); // prettier-ignore
  }
}

async function comparePictures(from: Fetched, to: Fetched, leastPsnr: number): Promise<Difference> {
  const one = await decode(from.body);
  if (one === undefined) return { kind: 'undecodable', which: 'from' };
  const two = await decode(to.body);
  if (two === undefined) return { kind: 'undecodable', which: 'to' };
  const sizes = [one, two].map(({ info }) => `${info.width}x${info.height}`);
  if (sizes[0] !== sizes[1]) return { kind: 'size', from: sizes[0]!, to: sizes[1]! };
  const psnr = psnrOf(one.data, two.data);
  return { kind: psnr >= leastPsnr ? 'close' : 'pixels', psnr: Math.round(psnr * 10) / 10 };
}

/** As RGBA of 8 bits, so that gray and RGB, with alpha and without, can be compared. */
async function decode(body: Uint8Array) {
  try {
    return await sharp(body, { limitInputPixels: 2 ** 28 })
      .toColourspace('srgb')
      .ensureAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
  } catch {
    // That it is no picture is what the report says.
    return undefined;
  }
}

/** Peak signal to noise ratio, at most 99 dB, which is equality. */
export function psnrOf(one: Uint8Array, two: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < one.length; i++) sum += (one[i]! - (two[i] ?? 0)) ** 2;
  return sum === 0 ? 99 : Math.min(99, 10 * Math.log10(255 ** 2 / (sum / one.length)));
}
