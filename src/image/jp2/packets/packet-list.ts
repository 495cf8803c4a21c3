/** Where every packet of a tile is, from the lengths that PLT or PLM state (ISO/IEC 15444-1, A.7.2 and A.7.3). */
import type { TileHeader, TilePart } from '../codestream/tile-header.ts';
import type { TileGeometry } from './geometry.ts';
import { packetOrder } from './packet-order.ts';

export interface PacketList {
  /** In the file, by precinct and layer (`precinct * layers + layer`); -1 for a packet that is not there. */
  readonly starts: Float64Array;
  readonly lengths: Uint32Array;
}

/** Above this, packets are found by going from one to the next. */
const MAX_PACKETS = 2 ** 23;

/** The list; undefined when no lengths are stated, or they do not add up. */
export function listPackets(geometry: TileGeometry, header: TileHeader): PacketList | undefined {
  const { parameters, parts } = header;
  const count = geometry.precinctCount * parameters.layers;
  if (header.packedHeaders !== undefined || count > MAX_PACKETS) return undefined;
  if (parts.length === 0 || parts.some((part) => !isWhole(part))) return undefined;
  const starts = new Float64Array(count).fill(-1);
  const lengths = new Uint32Array(count);
  const sent = new Uint16Array(geometry.precinctCount);
  const order = packetOrder(geometry, parameters);
  for (const { start, packetLengths } of parts) {
    let at = start;
    for (const length of packetLengthsOf(packetLengths)) {
      const { value: precinct, done } = order.next();
      if (done === true) return undefined;
      const packet = precinct * parameters.layers + sent[precinct]!++;
      starts[packet] = at;
      lengths[packet] = length;
      at += length;
    }
  }
  return { starts, lengths };
}

function isWhole({ start, end, packetLengths }: TilePart): boolean {
  let sum = 0;
  for (const length of packetLengthsOf(packetLengths)) {
    if (length === 0) return false;
    sum += length;
  }
  return sum === end - start;
}

/** Seven bits a byte, the highest first; the highest bit says that more follow. A length may go on in the next segment. */
function* packetLengthsOf(bodies: readonly Uint8Array[]): Generator<number, void> {
  let length = 0;
  for (const body of bodies) {
    for (const byte of body) {
      length = length * 128 + (byte & 0x7f);
      if (byte >= 0x80) continue;
      yield length;
      length = 0;
    }
  }
}
