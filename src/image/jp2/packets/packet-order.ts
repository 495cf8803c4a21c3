/** In which order the packets of a tile come (ISO/IEC 15444-1, B.12). */
import { damagedJp2 } from '../damage.ts';
import type { ProgressionVolume } from '../codestream/coding-style.ts';
import type { TileParameters } from '../codestream/parameters.ts';
import type { ResolutionGeometry, TileGeometry } from './geometry.ts';

/** Packets that are passed over because an earlier progression had them, beyond which no file goes. */
const MAX_REPEATED = 2 ** 24;

/**
 * The number of the precinct of each packet. The layer is not told: the first packet of a precinct is that of layer 0,
 * the next that of layer 1.
 *
 * @throws {ServerError} `damaged` when progressions repeat each other without end.
 */
export function* packetOrder(geometry: TileGeometry, parameters: TileParameters): Generator<number, void> {
  const { changes, layers, progression } = parameters;
  if (changes.length === 0) {
    yield* volumePackets(geometry, {
      progression,
      firstResolution: 0,
      endResolution: Infinity,
      firstComponent: 0,
      endComponent: Infinity,
      endLayer: layers,
    });
    return;
  }
  const sent = new Uint16Array(geometry.precinctCount);
  let repeated = 0;
  for (const change of changes) {
    const volume = { ...change, endLayer: Math.min(change.endLayer, layers) };
    const seen = new Map<number, number>();
    for (const precinct of volumePackets(geometry, volume)) {
      const layer = seen.get(precinct) ?? 0;
      seen.set(precinct, layer + 1);
      if (layer < sent[precinct]!) {
        if (++repeated > MAX_REPEATED) throw damagedJp2('its progressions repeat each other');
        continue;
      }
      sent[precinct] = layer + 1;
      yield precinct;
    }
  }
}

/** All packets of a volume, layer 0 first for each precinct. */
function* volumePackets(geometry: TileGeometry, volume: ProgressionVolume): Generator<number, void> {
  const resolutions = geometry.resolutions.filter(
    ({ component, resolution }) =>
      component >= volume.firstComponent &&
      component < volume.endComponent &&
      resolution >= volume.firstResolution &&
      resolution < volume.endResolution,
  );
  const byResolution = [...resolutions].sort(
    (a, b) => a.resolution - b.resolution || a.component - b.component,
  );
  const { endLayer } = volume;
  switch (volume.progression) {
    case 'LRCP':
      for (let layer = 0; layer < endLayer; layer++) yield* inTurn(byResolution);
      return;
    case 'RLCP':
      for (const group of groupsOf(byResolution, ({ resolution }) => resolution)) {
        for (let layer = 0; layer < endLayer; layer++) yield* inTurn(group);
      }
      return;
    case 'RPCL':
      for (const group of groupsOf(byResolution, ({ resolution }) => resolution)) {
        yield* allLayers(byPosition(geometry, group), endLayer);
      }
      return;
    case 'PCRL':
      yield* allLayers(byPosition(geometry, resolutions), endLayer);
      return;
    case 'CPRL':
      for (const group of groupsOf(resolutions, ({ component }) => component)) {
        yield* allLayers(byPosition(geometry, group), endLayer);
      }
      return;
  }
}

function* inTurn(resolutions: readonly ResolutionGeometry[]): Generator<number, void> {
  for (const { firstPrecinct, columns, rows } of resolutions) {
    const end = firstPrecinct + columns * rows;
    for (let precinct = firstPrecinct; precinct < end; precinct++) yield precinct;
  }
}

function* allLayers(precincts: Iterable<number>, endLayer: number): Generator<number, void> {
  for (const precinct of precincts) {
    for (let layer = 0; layer < endLayer; layer++) yield precinct;
  }
}

function groupsOf<T>(items: readonly T[], keyOf: (item: T) => number): T[][] {
  const groups = new Map<number, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

/** The precincts of resolutions by row, column, component, resolution of the reference grid. */
function byPosition(geometry: TileGeometry, resolutions: readonly ResolutionGeometry[]): Iterable<number> {
  const grids = resolutions.filter(({ columns, rows }) => columns * rows > 0);
  const [first] = grids;
  if (first === undefined) return [];
  return grids.length === 1 ? inTurn(grids) : sortedPrecincts(geometry, grids);
}

function sortedPrecincts(geometry: TileGeometry, grids: readonly ResolutionGeometry[]): Iterable<number> {
  const count = grids.reduce((sum, { columns, rows }) => sum + columns * rows, 0);
  const precincts = new Uint32Array(count);
  const xs = new Float64Array(count);
  const ys = new Float64Array(count);
  let at = 0;
  // Components in order, and within one its resolutions: so equal places are in the right order already.
  const ordered = [...grids].sort((a, b) => a.component - b.component || a.resolution - b.resolution);
  for (const grid of ordered) {
    const { dx, dy, parameters } = geometry.components[grid.component]!;
    const scale = 2 ** (parameters.coding.levels - grid.resolution);
    for (let row = 0; row < grid.rows; row++) {
      const y = position(grid.y0, grid.firstRow + row, grid.precinct.y, scale * dy, geometry.y0);
      for (let column = 0; column < grid.columns; column++) {
        xs[at] = position(grid.x0, grid.firstColumn + column, grid.precinct.x, scale * dx, geometry.x0);
        ys[at] = y;
        precincts[at++] = grid.firstPrecinct + row * grid.columns + column;
      }
    }
  }
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  order.sort((a, b) => ys[a]! - ys[b]! || xs[a]! - xs[b]! || a - b);
  return order.map((index) => precincts[index]!);
}

/**
 * Where on the reference grid a precinct's turn is: at its corner, or where the tile begins when the corner lies before
 * it.
 */
function position(start: number, index: number, exponent: number, scale: number, tileStart: number): number {
  const corner = index * 2 ** exponent;
  return corner >= start ? corner * scale : tileStart;
}
