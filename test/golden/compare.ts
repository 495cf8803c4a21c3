/** Compares an answer with the recorded one: status, headers, text, JSON, pixels. */
import { comparePixels } from './compare-pixels.ts';
import { expectedFile, type Expected, type Vector } from './vectors.ts';

/** An answer, from whatever side it came. */
export interface Got {
  readonly status: number;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What is wrong with `got`, in one line; empty when it holds. */
export async function compare(vector: Vector, got: Got): Promise<string> {
  const { expect } = vector;
  const complaint = compareStatus(expect, got) || compareHeaders(expect, got) || compareText(expect, got);
  if (complaint !== '' || expect.image === undefined) return complaint;
  return comparePixels(got.body, expectedFile(expect.image.file), {
    tolerance: expect.image.tolerance,
    isSourceLossy: LOSSY_SOURCES.test(vector.name),
  });
}

/** Vectors whose source file is compressed with loss, or whose answer may come from such a one. */
const LOSSY_SOURCES =
  /rgb-jpeg|photo|turn|webp|flat|metadata|\.jp2|sds|iiif-(region|size|rotation|tile|format)|^(size|tile|limits|dz|zoom)/;

function compareStatus({ status }: Expected, got: Got): string {
  if (status === undefined || status.includes(got.status)) return '';
  return `status ${got.status}, not ${status.join(' or ')}: ${shorten(got.body.toString())}`;
}

function compareHeaders({ headers = {} }: Expected, got: Got): string {
  for (const [name, wanted] of Object.entries(headers)) {
    const value = got.headers[name];
    if (value === undefined) return `no header ${name}`;
    if (wanted !== '*' && parameters(value) !== parameters(wanted)) return `${name}: ${value}, not ${wanted}`;
  }
  return '';
}

/** The parts of a header's value in a fixed order, without case, blanks and quotes. */
function parameters(value: string): string {
  const bare = value.toLowerCase().replace(/[\s"]/g, '');
  return bare.split(';').sort().join(';');
}

function compareText({ text, compare: way, bytesPrefix }: Expected, got: Got): string {
  if (bytesPrefix !== undefined) {
    const start = got.body.toString('latin1', 0, bytesPrefix.length);
    return start === bytesPrefix ? '' : `starts with ${JSON.stringify(start)}`;
  }
  if (text === undefined) return '';
  const body = got.body.toString();
  if (way === 'json') return compareJson(text, body);
  // What a page about the server says is its own affair.
  const isPage = /^\s*<!DOCTYPE/i;
  if (isPage.test(text)) return isPage.test(body) ? '' : 'no page';
  const bare = (some: string) => some.replace(/\s/g, '');
  return bare(body) === bare(text) ? '' : `text ${shorten(body)}, not ${shorten(text)}`;
}

function compareJson(wanted: string, body: string): string {
  let got: unknown;
  try {
    got = JSON.parse(body);
  } catch {
    return `no JSON: ${shorten(body)}`;
  }
  return missing(JSON.parse(wanted), got, '');
}

/** What of `wanted` is not in `got`; more may be there. Lists may come in any order. */
export function missing(wanted: unknown, got: unknown, at: string): string {
  if (Array.isArray(wanted)) {
    const list: readonly unknown[] = Array.isArray(got) ? got : [];
    const members: readonly unknown[] = wanted;
    const lost = members.find((member) => !list.some((candidate) => missing(member, candidate, at) === ''));
    return lost === undefined ? '' : `${at} lacks ${shorten(JSON.stringify(lost))}`;
  }
  if (typeof wanted === 'object' && wanted !== null) {
    for (const [key, value] of Object.entries(wanted)) {
      const inner =
        typeof got === 'object' && got !== null ? (got as Record<string, unknown>)[key] : undefined;
      const complaint = missing(value, inner, `${at}.${key}`);
      if (complaint !== '') return complaint;
    }
    return '';
  }
  return rounded(wanted) === rounded(got)
    ? ''
    : `${at}: ${JSON.stringify(got)} is not ${JSON.stringify(wanted)}`;
}

/** Numbers to five digits: the reference prints some with fewer than it has. */
function rounded(value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(5)) : value;
}

function shorten(text: string): string {
  return JSON.stringify(text.length > 160 ? `${text.slice(0, 160)}…` : text);
}
