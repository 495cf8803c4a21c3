/** Which of several marker segments holds for a tile and a component (ISO/IEC 15444-1, A.6). */
import { ByteCursor } from '../byte-cursor.ts';
import { damagedJp2 } from '../damage.ts';
import {
  parseComponentCoding,
  parseComponentNumber,
  parseProgressionChanges,
  parseTileCoding,
  type ComponentCoding,
  type Progression,
  type ProgressionVolume,
  type TileCoding,
} from './coding-style.ts';
import { MARKER } from './markers.ts';
import { parseQuantization, type Quantization } from './quantization.ts';

/** What the marker segments of one header, main or of a tile, say. */
export interface Settings {
  coding?: TileCoding;
  quantization?: Quantization;
  readonly componentCodings: Map<number, ComponentCoding>;
  readonly componentQuantizations: Map<number, Quantization>;
  readonly roiShifts: Map<number, number>;
  readonly changes: ProgressionVolume[];
}

export interface ComponentParameters {
  readonly coding: ComponentCoding;
  readonly quantization: Quantization;
  /** SPrgn, at most 37 in files that make sense. */
  readonly roiShift: number;
}

/** What holds for one tile. */
export interface TileParameters {
  readonly layers: number;
  readonly hasColorTransform: boolean;
  readonly progression: Progression;
  /** Of POC; empty: all packets in the order of `progression`. */
  readonly changes: readonly ProgressionVolume[];
  readonly components: readonly ComponentParameters[];
}

const MAX_CHANGES = 4_096;

export function noSettings(): Settings {
  return {
    componentCodings: new Map(),
    componentQuantizations: new Map(),
    roiShifts: new Map(),
    changes: [],
  };
}

/**
 * Takes one marker segment into account; those that say nothing of parameters are passed over.
 *
 * @throws {ServerError} as the parsers of the segments do.
 */
export function addSegment(
  settings: Settings,
  marker: number,
  body: Uint8Array,
  componentCount: number,
): void {
  const cursor = new ByteCursor(body);
  switch (marker) {
    case MARKER.COD:
      settings.coding = parseTileCoding(body);
      return;
    case MARKER.COC: {
      const component = parseComponentNumber(cursor, componentCount);
      settings.componentCodings.set(component, parseComponentCoding(cursor, (cursor.u8() & 1) !== 0));
      return;
    }
    case MARKER.QCD:
      settings.quantization = parseQuantization(cursor);
      return;
    case MARKER.QCC:
      settings.componentQuantizations.set(
        parseComponentNumber(cursor, componentCount),
        parseQuantization(cursor),
      );
      return;
    case MARKER.RGN: {
      const component = parseComponentNumber(cursor, componentCount);
      if (cursor.u8() !== 0) throw damagedJp2('its region of interest is of no known kind');
      settings.roiShifts.set(component, cursor.u8());
      return;
    }
    case MARKER.POC:
      settings.changes.push(...parseProgressionChanges(body, componentCount));
      if (settings.changes.length > MAX_CHANGES) throw damagedJp2('its progression changes too often');
      return;
  }
}

/**
 * A tile's segments win over those of the main header, and within one header those of a component over those of all.
 *
 * @throws {ServerError} `damaged` when COD or QCD is missing.
 */
export function resolveParameters(componentCount: number, main: Settings, tile: Settings): TileParameters {
  if (!isEmpty(tile)) return resolve(componentCount, main, tile);
  const known = ofMain.get(main) ?? resolve(componentCount, main, tile);
  ofMain.set(main, known);
  return known;
}

/** Of tiles that say nothing of their own: nearly all. */
const ofMain = new WeakMap<Settings, TileParameters>();

function isEmpty(settings: Settings): boolean {
  const { coding, quantization, componentCodings, componentQuantizations, roiShifts, changes } = settings;
  const count = componentCodings.size + componentQuantizations.size + roiShifts.size + changes.length;
  return coding === undefined && quantization === undefined && count === 0;
}

function resolve(componentCount: number, main: Settings, tile: Settings): TileParameters {
  const coding = tile.coding ?? main.coding;
  if (coding === undefined) throw damagedJp2('its coding style is missing');
  const components = Array.from({ length: componentCount }, (_, component) => {
    const quantization =
      tile.componentQuantizations.get(component) ??
      tile.quantization ??
      main.componentQuantizations.get(component) ??
      main.quantization;
    if (quantization === undefined) throw damagedJp2('its quantization is missing');
    return {
      coding:
        tile.componentCodings.get(component) ??
        tile.coding?.component ??
        main.componentCodings.get(component) ??
        coding.component,
      quantization,
      roiShift: tile.roiShifts.get(component) ?? main.roiShifts.get(component) ?? 0,
    };
  });
  const { layers, hasColorTransform, progression } = coding;
  const changes = tile.changes.length > 0 ? tile.changes : main.changes;
  return { layers, hasColorTransform, progression, changes, components };
}
