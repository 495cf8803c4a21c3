/** An IIIF identifier: a percent-encoded path, with IIIF_DELIMITER also the page or slice of it. */
import { ServerError } from '../../errors.ts';
import { infoOfPage } from '../../image/info.ts';
import { percentDecode } from '../percent.ts';
import { DEFAULT_VIEW, type FoundImage, type ProtocolContext } from '../protocol.ts';

export interface FoundPage {
  /** With the facts of the page. */
  readonly image: FoundImage;
  readonly page: number;
}

/**
 * Opens what an identifier names.
 *
 * @param identifier as in the URL, still encoded.
 * @throws {ServerError} `not-found` for an image or page that is not there.
 */
export async function findPage(identifier: string, context: ProtocolContext): Promise<FoundPage> {
  const { name, page } = splitPage(percentDecode(identifier), context.config.iiifDelimiter);
  const view = page === undefined ? DEFAULT_VIEW : { ...DEFAULT_VIEW, horizontal: page };
  const image = await context.images.find(name, view);
  if (image.views !== undefined) return { image, page: 0 };
  if ((page ?? 0) >= image.info.pages.length)
    throw new ServerError('not-found', 'the image has no such page');
  return { image: { ...image, info: infoOfPage(image.info, page ?? 0) }, page: page ?? 0 };
}

/** `image<delimiter>page`; a text without the delimiter or without a number after it is all name. */
export function splitPage(
  identifier: string,
  delimiter: string,
): { readonly name: string; readonly page?: number } {
  const at = delimiter === '' ? -1 : identifier.lastIndexOf(delimiter);
  const number = identifier.slice(at + delimiter.length);
  if (at <= 0 || !/^\d{1,9}$/.test(number)) return { name: identifier };
  return { name: identifier.slice(0, at), page: Number(number) };
}
