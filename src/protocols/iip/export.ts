/** CVT: a region at a size. */
import type { OutputFormat } from '../../encode/encoder.ts';
import { extensionOf } from '../../encode/formats.ts';
import { fitInside, fullSize, largestLevelWithin, levelOf, limitSide, roundSize } from '../../geometry.ts';
import type { Rectangle, Size } from '../../image/raster.ts';
import { planRegion } from '../../render/plan-picture.ts';
import type { Depth } from '../../render/steps.ts';
import type { Answer } from '../protocol.ts';
import type { Command } from './command.ts';
import { wishFor, type Frame } from './frame.ts';

export function answerExport(command: Command & { kind: 'export' }, frame: Frame): Answer {
  const { image, context } = frame;
  const region = regionOf(frame);
  const output = exportSize(region, frame);
  const wish = { ...wishFor(frame, command), depth: depthOf(frame, command.format) };
  const plan = planRegion(wish, region, output, context.config);
  const name = `${image.stem}_${output.width}x${output.height}.${extensionOf(command.format)}`;
  return { kind: 'picture', plan, fileName: name };
}

/** 16 where the format, the image and the steps have it: black and white, equalization and the mark are 8 bit. */
function depthOf({ image, state, context }: Frame, format: OutputFormat): Depth {
  const { color, contrast } = state.processing;
  const isPossible = (format === 'png' || format === 'tiff') && image.info.bitsPerSample > 8;
  const needsBytes = color === 'binary' || contrast?.kind === 'equalize' || context.config.watermark !== '';
  return isPossible && !needsBytes ? state.depth : 8;
}

/** RGN in full-size pixels. */
function regionOf(frame: Frame): Rectangle {
  const { width, height } = fullSize(frame.image.info);
  const { region } = frame.state;
  return {
    x: region.x * width,
    y: region.y * height,
    width: region.width * width,
    height: region.height * height,
  };
}

/** The size that WID, HEI, MAX_CVT and ALLOW_UPSCALING give (BEHAVIOUR 5 and 10). */
function exportSize(region: Rectangle, frame: Frame): Size {
  const { maxOutputSide, allowUpscaling } = frame.context.config;
  const asked = askedSize(region, frame);
  const limited = limitSide(asked, region, maxOutputSide);
  const isEnlarged = limited.width > region.width || limited.height > region.height;
  return isEnlarged && !allowUpscaling ? fitInside(region, roundSize(region)) : limited;
}

function askedSize(region: Rectangle, frame: Frame): Size {
  const { width, height } = frame.state;
  if (width > 0 || height > 0) {
    return fitInside(region, { width: width > 0 ? width : Infinity, height: height > 0 ? height : Infinity });
  }
  const { info } = frame.image;
  const level = levelOf(info, largestLevelWithin(info, frame.context.config.maxOutputSide));
  const full = fullSize(info);
  const aspect = (region.height / full.height / (region.width / full.width)) * (level.height / level.width);
  return roundSize({ width: level.width, height: level.width * aspect });
}
