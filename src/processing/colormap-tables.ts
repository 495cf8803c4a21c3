/**
 * The color maps: colors at equal distances from 0 to 1, straight lines between them.
 *
 * viridis, magma, inferno and plasma are by Nathaniel J. Smith, Stéfan van der Walt and (viridis) Eric Firing,
 * released under CC0 (https://github.com/BIDS/colormap). turbo is by Anton Mikhailov, © 2019 Google LLC, under the
 * Apache License 2.0 (https://gist.github.com/mikhailov-work/ee72ba4191942acecc03fe6da94fc73f). Each is 65 points
 * fitted by least squares to the 256 published ones, and within one level of 255 of every one of them.
 */

/** Red, green and blue, each 0 to 1. */
type Color = readonly [number, number, number];

/** At least two colors; the first is that of 0, the last that of 1. */
export type Colormap = readonly Color[];

export const COLORMAP_NAMES = [
  'hot',
  'cold',
  'jet',
  'red',
  'green',
  'blue',
  'gray',
  'viridis',
  'magma',
  'inferno',
  'plasma',
  'turbo',
] as const;
export type ColormapName = (typeof COLORMAP_NAMES)[number];

const BLACK: Color = [0, 0, 0];
const WHITE: Color = [1, 1, 1];
const RED: Color = [1, 0, 0];
const GREEN: Color = [0, 1, 0];
const BLUE: Color = [0, 0, 1];
const YELLOW: Color = [1, 1, 0];
const CYAN: Color = [0, 1, 1];

/** All color maps by name. (BEHAVIOUR 8 has the first six.) */
export const COLORMAPS: Readonly<Record<ColormapName, Colormap>> = {
  hot: [BLACK, RED, YELLOW, WHITE],
  cold: [BLACK, BLUE, CYAN, WHITE],
  // Its corners lie at odd eighths, hence the points half way between them.
  jet: [[0, 0, 0.5], BLUE, [0, 0.5, 1], CYAN, [0.5, 1, 0.5], YELLOW, [1, 0.5, 0], RED, [0.5, 0, 0]],
  red: [BLACK, RED],
  green: [BLACK, GREEN],
  blue: [BLACK, BLUE],
  gray: [BLACK, WHITE],
  viridis: fromHex(
    '44015446065a470d6047136548186a481d6f482374482878472d7b46327e453681443b844240864045873f49893d4e8a' +
      '3b528b39568c375a8d355f8d33638d31668e2f6a8e2e6e8e2c728e2b768e297a8e287d8e26818e25858e23898e228c8d' +
      '21908c20948c1f988b1e9b8a1f9f8820a38721a68524aa8328ae802cb17e31b57b37b8773ebc7445bf704cc26c54c667' +
      '5cc96365cc5d6ece5878d15282d34c8cd64696d83fa0da39abdc32b5de2bc0df24cbe11ed5e21ae0e318eae519f4e61e' +
      'fde725',
  ),
  magma: fromHex(
    '00000301010903031106051a0a08220e0b2a130d33180f3d1d114622115028125a2f116336106b3d0f71430f764a1079' +
      '50127c57147e5d177f631980691c816f1e817621817c23828226818928818f2a81952c809c2e7fa2307ea9327daf347b' +
      'b63779bc3977c33b75c93e73cf4170d6446ddb486ae14c66e65163ea5661ee5c5ef2625df5695cf7715cf9785dfa805e' +
      'fb8761fc8f64fd9668fe9e6cfea571fead76feb47bfebb81fec387feca8dfed194fed99bfde0a2fde7a9fceeb0fcf6b8' +
      'fcfdbf',
  ),
  inferno: fromHex(
    '00000301010a03031206051b0b072410092d150b371a0c40210c4a270b532e0a5a3609603c0965430a684a0c6b500d6c' +
      '57106d5d126e63146e6a176e70196e761b6e7d1e6d83206b89226a9024689627669c2964a32b61a92e5faf315cb53458' +
      'bb3755c13a51c63e4dcc4149d14644d64a40db4f3bdf5437e35932e75f2deb6528ee6b23f1711ef47819f67f14f8860f' +
      'f98d0afa9406fb9c06fca309fcab0ffcb217fbba1ffac228f9ca32f7d23df5d949f3e156f2e865f1ef75f3f586f6fa96' +
      'fcffa5',
  ),
  plasma: fromHex(
    '0d088719068c2206902a05933105973804993f049c46039f4c02a15302a35901a55f01a66600a76c00a87200a87801a8' +
      '7e03a88405a78909a68f0da49511a29a169f9f1a9ca41e99a92396ae2792b32c8eb7308bbb3587bf3983c33e80c7427c' +
      'cb4778cf4b75d25071d6546dd9596adc5e67e06263e36760e66c5ce87059eb7555ee7a52f07f4ff2844bf48a48f68f44' +
      'f89441f99a3dfb9f3afca537fdab33fdb130feb72dfebd2afdc328fdca26fcd025fbd724f9dd25f7e425f5eb27f2f227' +
      'f0f922',
  ),
  turbo: fromHex(
    '30123b351e58392a733d358b4040a1424bb54456c74661d6466be34775ee467ff64589fc4293ff3d9dfe37a7fa30b1f4' +
      '29bbec22c4e31dcdd819d5ce17dcc319e3b91ee8b026eda531f2993ef68c4cf97e5cfc716bfd647bff578aff4c97fe43' +
      'a3fd3cadfa37b8f735c2f234cced34d5e635dee037e6d838edd03af3c83af8c03afbb738fdae35fea331fe982cfd8c27' +
      'fb8022f9741df56817f15d13ec520fe6490be04009da3807d23105ca2a03c12302b71d02ac1701a11101950d01880802' +
      '7a0403',
  ),
};

/** Two hexadecimal digits for each of red, green and blue. */
function fromHex(digits: string): Colormap {
  const level = (at: number): number => Number.parseInt(digits.slice(at, at + 2), 16) / 255;
  return Array.from({ length: digits.length / 6 }, (_, i) => [
    level(6 * i),
    level(6 * i + 2),
    level(6 * i + 4),
  ]);
}
