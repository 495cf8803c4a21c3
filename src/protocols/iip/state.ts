/** What the commands before the sending one have set. */
import { NO_PROCESSING, type Depth, type Processing } from '../../render/steps.ts';
import type { AskedQuality } from '../encodings.ts';
import { DEFAULT_VIEW, type View } from '../protocol.ts';
import type { Command, Region } from './command.ts';

export interface RequestState {
  /** Pixels; 0 counts as not given. */
  readonly width: number;
  readonly height: number;
  /** Ratios of the whole image. */
  readonly region: Region;
  readonly view: View;
  readonly quality: AskedQuality;
  readonly layers: number | undefined;
  /** Bits of a sample that an export is asked to have. */
  readonly depth: Depth;
  readonly processing: Processing;
}

const WHOLE: Region = { x: 0, y: 0, width: 1, height: 1 };

/** The state before the first command. In a stack, page 0 is shown until SDS names another. */
export const INITIAL_STATE: RequestState = {
  width: 0,
  height: 0,
  region: WHOLE,
  view: DEFAULT_VIEW,
  quality: {},
  layers: undefined,
  depth: 8,
  processing: NO_PROCESSING,
};

/** The state after one command; later commands replace what earlier ones set, MINMAX adds up. */
export function applyCommand(state: RequestState, command: Command): RequestState {
  switch (command.kind) {
    case 'width':
      return { ...state, width: Math.max(0, command.pixels) };
    case 'height':
      return { ...state, height: Math.max(0, command.pixels) };
    case 'region':
      return { ...state, region: command.region };
    case 'view':
      return { ...state, view: { horizontal: command.horizontal, vertical: command.vertical } };
    case 'quality':
      return { ...state, quality: askedQuality(command) };
    case 'layers':
      return { ...state, layers: command.layers };
    case 'depth':
      return { ...state, depth: command.bits };
    default:
      return { ...state, processing: applyProcessing(state.processing, command) };
  }
}

function askedQuality(command: Command & { kind: 'quality' }): AskedQuality {
  const { value, compression } = command;
  return compression === undefined ? { value } : { value, compression };
}

function applyProcessing(processing: Processing, command: Command): Processing {
  switch (command.kind) {
    case 'contrast':
      return { ...processing, contrast: command.contrast };
    case 'curve':
      return { ...processing, curve: command.curve };
    case 'range':
      return { ...processing, ranges: [...processing.ranges, command.range].slice(-MAX_RANGES) };
    case 'invert':
      return { ...processing, invert: true };
    case 'colormap':
      return { ...processing, colormap: command.map };
    case 'shade':
      return { ...processing, shade: { horizontal: command.horizontal, vertical: command.vertical } };
    case 'twist':
      return { ...processing, twist: command.matrix };
    case 'color':
      return { ...processing, color: command.color };
    case 'convolve':
      return { ...processing, convolution: command.kernel };
    case 'rotate':
      return { ...processing, rotation: command.degrees, mirror: command.isMirrored };
    default:
      return processing;
  }
}

/** More ranges than any image has bands say nothing more. */
const MAX_RANGES = 1024;

/** The view or page that the commands name; the last one counts. */
export function viewOf(commands: readonly Command[]): View {
  const view = commands.findLast((command) => command.kind === 'view');
  return view?.kind === 'view' ? { horizontal: view.horizontal, vertical: view.vertical } : DEFAULT_VIEW;
}
