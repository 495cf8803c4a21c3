/** What single packets add to single code-blocks: coding passes and where their bytes are, in lists by code-block. */

/** Grows as packets are parsed; a contribution is known by its number. */
export class Contributions {
  count = 0;
  next = new Int32Array(128);
  layers = new Uint16Array(128);
  passes = new Uint8Array(128);
  lengths = new Float64Array(128);
  /** In the file. */
  offsets = new Float64Array(128);

  /** @returns its number. */
  add(layer: number, passes: number, length: number): number {
    if (this.count === this.next.length) this.#grow();
    const index = this.count++;
    this.next[index] = -1;
    this.layers[index] = layer;
    this.passes[index] = passes;
    this.lengths[index] = length;
    return index;
  }

  get byteLength(): number {
    return this.next.length * 23;
  }

  #grow(): void {
    const length = this.next.length * 2;
    this.next = copied(this.next, new Int32Array(length));
    this.layers = copied(this.layers, new Uint16Array(length));
    this.passes = copied(this.passes, new Uint8Array(length));
    this.lengths = copied(this.lengths, new Float64Array(length));
    this.offsets = copied(this.offsets, new Float64Array(length));
  }
}

function copied<T extends Int32Array | Uint16Array | Uint8Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** Says where the bytes of contributions from number `first` on are: one after the other from `offset`. */
export function placeContributions(contributions: Contributions, first: number, offset: number): number {
  let at = offset;
  for (let i = first; i < contributions.count; i++) {
    contributions.offsets[i] = at;
    at += contributions.lengths[i]!;
  }
  return at;
}
