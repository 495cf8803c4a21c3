/** The door that IIP, IIIF, DeepZoom and Zoomify share: an argument and an image's facts in, an answer out. */
import type { Awaitable } from '../awaitable.ts';
import type { Config } from '../config/config.ts';
import type { ImageInfo } from '../image/info.ts';
import type { View, Views } from '../image/sequence.ts';
import type { Plan, PlanSource } from '../render/plan.ts';
import type { SampleQuery, SampleTable } from '../render/samples.ts';
import type { Statistics } from '../render/statistics.ts';
import type { Header } from '../server/response.ts';
import type { Request } from '../server/request.ts';

export type { View, Views } from '../image/sequence.ts';

/** An image that was found: what protocols may know of it. */
export interface FoundImage {
  readonly info: ImageInfo;
  readonly source: Omit<PlanSource, 'page'>;
  /** File name without directories and extension, for Content-Disposition. */
  readonly stem: string;
  /** Present for a sequence of files; a single file has horizontal view 0 and vertical view 90. */
  readonly views?: Views;
  /**
   * Whether the name still means this version of this file: one `stat`. Absent where that takes longer, or where an
   * answer can depend on more than the file.
   */
  readonly isCurrent?: () => boolean;
}

/** A single file has only this view. */
export const DEFAULT_VIEW: View = { horizontal: 0, vertical: 90 };

/** A found image with the facts of one of its pages. */
export const withInfo = (image: FoundImage, info: ImageInfo): FoundImage =>
  info === image.info ? image : { ...image, info };

/** Opens images by the name that a client gave. */
export interface ImageStore {
  /**
   * @param name as the client wrote it, percent-decoded.
   * @throws {ServerError} `not-found`, `not-a-picture`, `unsupported` or `damaged`.
   */
  find(name: string, view?: View): Awaitable<FoundImage>;
  /** The version of a file that was found was gone when it was read. */
  forget?(path: string): void;
}

export interface ProtocolContext {
  readonly config: Config;
  readonly images: ImageStore;
  readonly version: string;
}

/** What is to be sent, before anything was decoded. */
export type Answer = AnswerBody & {
  /** The image that the answer is about: makes Last-Modified and ETag, allows 304. */
  readonly image?: FoundImage;
  readonly headers?: readonly Header[];
  /** Overrides the configured Cache-Control. */
  readonly cacheControl?: string;
};

export type AnswerBody =
  | { readonly kind: 'picture'; readonly plan: Plan; readonly fileName?: string }
  /** Several pictures framed into one body (IIP TIL). */
  | {
      readonly kind: 'pictures';
      readonly plans: readonly Plan[];
      readonly contentType: string;
      readonly frame: (pictures: readonly Uint8Array[]) => Uint8Array;
    }
  /** Numbers read out of the image (IIP SPECTRA, PFL). */
  | {
      readonly kind: 'samples';
      readonly query: SampleQuery;
      readonly contentType: string;
      readonly format: (values: SampleTable) => string;
    }
  /** The image measured (IIP OBJ=histogram). */
  | {
      readonly kind: 'statistics';
      readonly source: PlanSource;
      readonly contentType: string;
      readonly format: (statistics: Statistics) => string;
    }
  | { readonly kind: 'document'; readonly contentType: string; readonly text: string }
  | { readonly kind: 'redirect'; readonly location: string };

/** What a URL says after the routing: where the protocol's part begins and what it is. Still percent-encoded. */
export interface Target {
  readonly argument: string;
  /** The request's URL up to the argument, without scheme and host: `/iiif/`, `/iipsrv.fcgi?IIIF=`. */
  readonly base: string;
}

/** One of the four protocols. */
export interface Protocol {
  /** @throws {ServerError} for anything that has no answer. */
  answer(target: Target, request: Request, context: ProtocolContext): Awaitable<Answer>;
}
