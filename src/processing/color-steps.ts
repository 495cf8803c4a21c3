/** Steps of chains that make the bands of a pixel out of the bands of the pixel. */
import { ServerError } from '../errors.ts';
import { FLOAT, type MakeSteps, requireFloats, sampleType } from './chain.ts';
import { COLORMAPS, type ColormapName } from './colormap-tables.ts';
import { equalizationTable } from './equalize.ts';
import type { Histogram } from './histogram.ts';
import { towardsLight, type Light } from './light.ts';
import { tablesStep } from './table-steps.ts';

/** A row for each output band, a column for each input band; missing columns are 0, surplus ones are ignored. */
export type TwistMatrix = readonly (readonly number[])[];

/** Outputs that one pass over the pixels makes: a vector. */
const LANES = 4;

/**
 * out_k = sum over j of matrix[k][j] * in_j. (BEHAVIOUR 5 and 8)
 *
 * @throws {ServerError} `bad-request` for a matrix without rows.
 */
export function twistStep(matrix: TwistMatrix): MakeSteps {
  if (matrix.length === 0)
    throw new ServerError('bad-request', 'a color twist needs a matrix of at least one row');
  const outputs = matrix.length;
  return (input) => {
    requireFloats(input);
    const { bands } = input;
    const passes = Array.from({ length: Math.ceil(outputs / LANES) }, (_, pass) =>
      new Float32Array(LANES * bands).map(
        (_, i) => matrix[pass * LANES + (i % LANES)]?.[Math.floor(i / LANES)] ?? 0,
      ),
    );
    return [
      {
        output: sampleType(outputs, FLOAT),
        constants: passes,
        // The last pass may write into the next pixel, where the first one then writes over it.
        run: (kernels, { from, to, pixels, constants }) => {
          for (let pass = passes.length - 1; pass >= 0; pass--)
            kernels.twist(from, bands, to + 16 * pass, outputs, pixels, constants[pass]!);
        },
      },
    ];
  };
}

/**
 * Hill shading: lights a normal map, whose RGB are the components of the surface's normal.
 *
 * clamp(0.5 * s . n) as one band: s is the unit vector towards the light and n = -2 (rgb - 0.5), not brought to unit
 * length. A black pixel is no surface and stays black. (BEHAVIOUR 8)
 *
 * @throws {ServerError} `bad-request` for fewer than three bands.
 */
export function shadeStep(light: Light): MakeSteps {
  const [x, y, z] = towardsLight(light);
  return (input) => {
    requireFloats(input);
    const { bands } = input;
    if (bands < 3) throw new ServerError('bad-request', 'hill shading needs a normal map of three bands');
    return [
      {
        output: sampleType(1, FLOAT),
        constants: [],
        run: (kernels, { from, to, pixels }) => kernels.shade(from, bands, to, pixels, x, y, z),
      },
    ];
  };
}

/** As `colormap`, in single precision. */
export function colormapStep(name: ColormapName): MakeSteps {
  const map = COLORMAPS[name];
  // The last color twice, so that there is a next one to go towards at 1.
  const colors = Float32Array.from([...map, map.at(-1)!].flatMap((color) => [...color, 0]));
  return (input) => {
    requireFloats(input);
    const { bands } = input;
    return [
      {
        output: sampleType(3, FLOAT),
        constants: [colors],
        run: (kernels, { from, to, pixels, constants: [table] }) =>
          kernels.colormap(from, bands, to, pixels, table!, map.length - 1),
      },
    ];
  };
}

/**
 * 0.299 R + 0.587 G + 0.114 B in fixed point, truncated, for 8 and 16 bit. Three bands become one; of four the last is
 * alpha and stays; other pictures stay as they are. (BEHAVIOUR 8)
 *
 * @throws {RangeError} for 32-bit samples.
 */
export const grayStep: MakeSteps = (input) => {
  const { bands, bitsPerSample } = input;
  if (bands !== 3 && bands !== 4) return [];
  if (bitsPerSample === 32) throw new RangeError('gray is made of 8 or 16 bits');
  const mix = bitsPerSample === 8 ? 'gray8' : 'gray16';
  return [
    {
      output: { ...input, bands: bands - 2 },
      constants: [],
      run: (kernels, { from, to, pixels }) => kernels[mix](from, bands, to, pixels),
    },
  ];
};

/** Levels of the first band below `threshold` become 0, others 255; further bands (alpha) stay. (BEHAVIOUR 8) */
export function binaryStep(threshold: number): MakeSteps {
  const table = new Uint8Array(256).map((_, level) => (level < threshold ? 0 : 255));
  const same = new Uint8Array(256).map((_, level) => level);
  return tablesStep((bands) => [table, ...Array<Uint8Array>(bands - 1).fill(same)]);
}

/** Every 8-bit sample through the table of `equalizationTable`. (BEHAVIOUR 8) */
export function equalizeStep(counts: Histogram): MakeSteps {
  const table = equalizationTable(counts);
  return tablesStep((bands) => Array<Uint8Array>(bands).fill(table));
}

/**
 * CIELAB, as TIFF files store it, to sRGB: values 0 to 1 clipped, three bands; bands after the third are dropped.
 *
 * Samples are as stored (TIFF 6, section 23): 8 bit L* = v * 100 / 255, a* and b* two's complement; 16 bit L* =
 * (v >> 1) / 327.67, of a* and b* the high byte, in full units, counts, as iipsrv has it; floats L*, a*, b* themselves.
 * White point D65, matrix and transfer curve of sRGB. (BEHAVIOUR 8)
 *
 * @throws {ServerError} `unsupported` for 32-bit integers and for fewer than three bands.
 */
export const cielabStep: MakeSteps = ({ bands, bitsPerSample, sampleFormat }) => {
  if (bands < 3) throw new ServerError('unsupported', `a CIELAB picture of ${bands} bands is not supported`);
  if (bitsPerSample === 32 && sampleFormat === 'uint')
    throw new ServerError('unsupported', 'CIELAB pictures of 32-bit integers are not supported');
  const convert = ({ 8: 'cielab8', 16: 'cielab16', 32: 'cielabFloat' } as const)[bitsPerSample];
  return [
    {
      output: sampleType(3, FLOAT),
      constants: [],
      run: (kernels, { from, to, pixels }) => kernels[convert](from, bands, to, pixels),
    },
  ];
};
