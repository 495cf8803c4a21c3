/** Keeps the last tables: viewers ask for many tiles treated alike, and a 16-bit table costs as much as a tile. */
import { buildLookup, type Lookup, type SampleKind } from './lookup.ts';
import type { Tone } from './tone.ts';

/** Gives the tables of a tone, made anew or kept from before. They must not be changed. */
export type FindLookup = (kind: SampleKind, tone: Tone) => Lookup;

/** A `buildLookup` that keeps the last `capacity` results; one is at most 64 KB for each band, or 192 KB of colors. */
export function lookupMemo(capacity: number): FindLookup {
  const kept = new Map<string, Lookup>();
  return (kind, tone) => {
    const key = JSON.stringify([kind.bitsPerSample, kind.bands, tone]);
    const lookup = kept.get(key) ?? buildLookup(kind, tone);
    // A map keeps the order of insertion: what was used last goes to the end, and the first is the one to forget.
    kept.delete(key);
    kept.set(key, lookup);
    if (kept.size > capacity) kept.delete(kept.keys().next().value ?? key);
    return lookup;
  };
}
