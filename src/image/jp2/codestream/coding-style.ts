/** How tiles and components are coded: COD, COC, POC, RGN (ISO/IEC 15444-1, A.6). */
import { ByteCursor } from '../byte-cursor.ts';
import type { CodeBlockStyle } from '../core/types.ts';
import { damagedJp2, unsupportedJp2 } from '../damage.ts';

/** Sizes of precincts and code-blocks are powers of two; these are the exponents. */
export interface Exponents {
  readonly x: number;
  readonly y: number;
}

/** What COD says of all components, and COC of one. */
export interface ComponentCoding {
  /** Levels of decomposition, 0 to 32. */
  readonly levels: number;
  readonly block: Exponents;
  readonly style: CodeBlockStyle;
  readonly isReversible: boolean;
  /** Of the precincts of each resolution, the lowest first. */
  readonly precincts: readonly Exponents[];
}

/** Table A.16. */
export const PROGRESSIONS = ['LRCP', 'RLCP', 'RPCL', 'PCRL', 'CPRL'] as const;
export type Progression = (typeof PROGRESSIONS)[number];

export interface TileCoding {
  readonly progression: Progression;
  readonly layers: number;
  readonly hasColorTransform: boolean;
  readonly component: ComponentCoding;
}

/** One volume of packets out of a POC; ends are exclusive. */
export interface ProgressionVolume {
  readonly progression: Progression;
  readonly firstResolution: number;
  readonly endResolution: number;
  readonly firstComponent: number;
  readonly endComponent: number;
  readonly endLayer: number;
}

const MAX_LEVELS = 32;

/** 2^15 is as good as no limit, and what is meant when no sizes are given. */
const WIDEST: Exponents = { x: 15, y: 15 };

/**
 *     u8 style (1 precincts, 2 SOP, 4 EPH), u8 progression, u16 layers, u8 color transform, component's style
 *
 * @throws {ServerError} `damaged`, or `unsupported` for what only other parts of the standard define.
 */
export function parseTileCoding(body: Uint8Array): TileCoding {
  const cursor = new ByteCursor(body);
  const style = cursor.u8();
  const progression = parseProgression(cursor.u8());
  const layers = cursor.u16();
  if (layers === 0) throw damagedJp2('it has no layers');
  const transform = cursor.u8();
  if (transform > 1) throw unsupportedJp2('this color transform');
  const component = parseComponentCoding(cursor, (style & 1) !== 0);
  return { progression, layers, hasColorTransform: transform === 1, component };
}

/**
 *     u8 levels, u8 block width - 2, u8 block height - 2, u8 block style, u8 transform, { u4 height, u4 width }
 */
export function parseComponentCoding(cursor: ByteCursor, hasPrecincts: boolean): ComponentCoding {
  const levels = cursor.u8();
  if (levels > MAX_LEVELS) {
    // Part 2 puts wavelets of its own into the higher numbers.
    throw levels >= 0x80 ? unsupportedJp2('arbitrary decompositions') : damagedJp2('it has too many levels');
  }
  const block = { x: (cursor.u8() & 15) + 2, y: (cursor.u8() & 15) + 2 };
  if (block.x > 10 || block.y > 10 || block.x + block.y > 12) {
    throw damagedJp2('its code-blocks are too large');
  }
  const style = parseBlockStyle(cursor.u8());
  const transform = cursor.u8();
  if (transform > 1) throw unsupportedJp2('this wavelet');
  const precincts = Array.from({ length: levels + 1 }, (_, resolution) =>
    hasPrecincts ? parsePrecinct(cursor.u8(), resolution) : WIDEST,
  );
  return { levels, block, style, isReversible: transform === 1, precincts };
}

/** Table A.19, and for the two highest bits ISO/IEC 15444-15, Table A.4. */
function parseBlockStyle(bits: number): CodeBlockStyle {
  if ((bits & 0xc0) === 0xc0) throw unsupportedJp2('both kinds of code-blocks in one tile');
  return {
    bypass: (bits & 1) !== 0,
    resetContexts: (bits & 2) !== 0,
    terminateAll: (bits & 4) !== 0,
    verticallyCausal: (bits & 8) !== 0,
    predictableTermination: (bits & 16) !== 0,
    segmentationSymbols: (bits & 32) !== 0,
    highThroughput: (bits & 64) !== 0,
  };
}

function parsePrecinct(sizes: number, resolution: number): Exponents {
  const precinct = { x: sizes & 15, y: sizes >> 4 };
  if (resolution > 0 && (precinct.x === 0 || precinct.y === 0)) {
    throw damagedJp2('its precincts are too small');
  }
  return precinct;
}

function parseProgression(code: number): Progression {
  const progression = PROGRESSIONS[code];
  if (progression === undefined) throw damagedJp2('it has no known progression', { code });
  return progression;
}

/**
 * POC, A.6.6; numbers of components have 16 bits where there are more than 256:
 *
 *     { u8 first resolution, u8 first component, u16 end layer, u8 end resolution, u8 end component, u8 progression }
 */
export function parseProgressionChanges(body: Uint8Array, componentCount: number): ProgressionVolume[] {
  const cursor = new ByteCursor(body);
  const isWide = componentCount > 256;
  const component = (): number => (isWide ? cursor.u16() : cursor.u8());
  const entryBytes = isWide ? 9 : 7;
  if (body.length === 0 || body.length % entryBytes !== 0)
    throw damagedJp2('its progression changes are cut off');
  return Array.from({ length: body.length / entryBytes }, () => {
    const firstResolution = cursor.u8();
    const firstComponent = component();
    const endLayer = cursor.u16();
    const endResolution = Math.min(cursor.u8(), MAX_LEVELS + 1);
    // 0 stands for the number that does not fit.
    const endComponent = component() || componentCount;
    const progression = parseProgression(cursor.u8());
    return { progression, firstResolution, endResolution, firstComponent, endComponent, endLayer };
  });
}

/** The component that COC, QCC and RGN begin with: 16 bits where there are more than 256. */
export function parseComponentNumber(cursor: ByteCursor, componentCount: number): number {
  const component = componentCount > 256 ? cursor.u16() : cursor.u8();
  if (component >= componentCount)
    throw damagedJp2('it speaks of a component that it does not have', { component });
  return component;
}
