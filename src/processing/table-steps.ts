/** Steps of chains that look samples up in tables. */
import { type BlockStep, BYTE, type MakeSteps, type SampleType, sampleType } from './chain.ts';
import { colorEntries, type Lookup } from './lookup.ts';

/** Integers of 8 or 16 bits through their tables. */
export function lookupStep(input: SampleType, lookup: Lookup): BlockStep {
  const { bands, bitsPerSample } = input;
  const isByte = bitsPerSample === 8;
  if (lookup.kind === 'colors') {
    return {
      output: sampleType(3, BYTE),
      constants: [colorEntries(lookup.table)],
      run: (kernels, { from, to, pixels, constants: [table] }) =>
        kernels[isByte ? 'colors8' : 'colors16'](from, bands, to, pixels, table!),
    };
  }
  const { tables } = lookup;
  const [first] = tables;
  const output = sampleType(bands, BYTE);
  const mergedWith = (next: BlockStep): BlockStep | undefined =>
    next.tables && lookupStep(input, { kind: 'levels', tables: composed(tables, next.tables) });
  if (first !== undefined && tables.every((table) => table === first)) {
    return {
      output,
      tables,
      mergedWith,
      constants: [first],
      run: (kernels, { from, to, pixels, constants: [table] }) =>
        kernels[isByte ? 'lookup' : 'lookup16'](from, to, pixels * bands, table!),
    };
  }
  return {
    output,
    tables,
    mergedWith,
    constants: tables,
    run: (kernels, { from, to, pixels, constants }) => {
      const lookUp = kernels[isByte ? 'lookupBand8' : 'lookupBand16'];
      constants.forEach((table, band) =>
        lookUp(from + (band * bitsPerSample) / 8, bands, to + band, bands, pixels, table),
      );
    },
  };
}

/** One look in place of two; bands that are treated alike stay so. */
function composed(tables: readonly Uint8Array[], next: readonly Uint8Array[]): readonly Uint8Array[] {
  const made: Uint8Array[] = [];
  tables.forEach((table, band) => {
    const alike = tables.findIndex((other, at) => other === table && next[at] === next[band]);
    made.push(alike < band ? made[alike]! : table.map((level) => next[band]![level]!));
  });
  return made;
}

/** 8 bits through a table for each band. */
export function tablesStep(tablesOf: (bands: number) => readonly Uint8Array[]): MakeSteps {
  return (input) => {
    if (input.bitsPerSample !== 8)
      throw new RangeError(`a step for 8-bit samples was given ${input.bitsPerSample} bits`);
    return [lookupStep(input, { kind: 'levels', tables: tablesOf(input.bands) })];
  };
}
