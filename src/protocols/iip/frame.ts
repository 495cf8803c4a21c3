/** What the answers of one request share. */
import { planSource } from '../../render/plan.ts';
import { ServerError } from '../../errors.ts';
import type { PictureWish } from '../../render/plan-picture.ts';
import { encodingFor } from '../encodings.ts';
import { wantedLayers } from '../layers.ts';
import type { FoundImage, ProtocolContext } from '../protocol.ts';
import { printable } from './commands.ts';
import type { OpenView } from './samples.ts';
import type { RequestState } from './state.ts';

export interface Frame {
  readonly state: RequestState;
  readonly image: FoundImage;
  readonly openView: OpenView;
  readonly context: ProtocolContext;
}

/** The wish for a picture of a format, with everything that commands have set. */
export function wishFor(
  frame: Frame,
  command: { readonly format: PictureWish['encoding']['format'] },
): PictureWish {
  const { state, image, context } = frame;
  const layers = wantedLayers(image.info, context.config.maxLayers, state.layers);
  return {
    info: image.info,
    source: planSource(image.source, pageOf(frame)),
    encoding: encodingFor(command.format, context.config, state.quality),
    isQualityAsked: state.quality.value !== undefined || state.quality.compression !== undefined,
    processing: state.processing,
    ...(layers === undefined ? {} : { layers }),
  };
}

/** In a stack SDS names the page. */
export function pageOf(frame: Frame): number {
  const { pages } = frame.image.info;
  const page = pages.length > 1 ? frame.state.view.horizontal : 0;
  if (page < 0 || page >= pages.length) throw new ServerError('not-found', 'the image has no such page');
  return page;
}

/** IIP error 2 1, with the command that is wrong. */
export function malformed(command: string, message: string): ServerError {
  return new ServerError('bad-request', message, { iip: `2 1 ${printable(command)}` });
}
