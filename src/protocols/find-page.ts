/** An image by a name that may tell its page or view: `a.tif;3` where IIIF_DELIMITER is `;`. */
import { after, type Awaitable } from '../awaitable.ts';
import { ServerError } from '../errors.ts';
import { infoOfPage } from '../image/info.ts';
import { DEFAULT_VIEW, withInfo, type FoundImage, type ProtocolContext } from './protocol.ts';

export interface FoundPage {
  /** With the facts of the page. */
  readonly image: FoundImage;
  readonly page: number;
}

/**
 * Opens what a name means, in every protocol but IIP, where SDS tells the page.
 *
 * @param text percent-decoded.
 * @throws {ServerError} `not-found` for an image or page that is not there.
 */
export function findPage(text: string, context: ProtocolContext): Awaitable<FoundPage> {
  const { name, page } = splitPage(text, context.config.iiifDelimiter);
  const view = page === undefined ? DEFAULT_VIEW : { ...DEFAULT_VIEW, horizontal: page };
  return after(context.images.find(name, view), (image) => {
    if (image.views !== undefined) return { image, page: 0 };
    const number = page ?? 0;
    if (number >= image.info.pages.length) throw new ServerError('not-found', 'the image has no such page');
    return { image: withInfo(image, infoOfPage(image.info, number)), page: number };
  });
}

/** `image<delimiter>page`; a text without the delimiter or without a number after it is all name. */
function splitPage(text: string, delimiter: string): { readonly name: string; readonly page?: number } {
  const at = delimiter === '' ? -1 : text.lastIndexOf(delimiter);
  const number = text.slice(at + delimiter.length);
  if (at <= 0 || !/^\d{1,9}$/.test(number)) return { name: text };
  return { name: text.slice(0, at), page: Number(number) };
}
