/** Recorded answers that are known not to hold, each with the reason; the golden test fails when one starts to. */

export interface Exception {
  /** Names of vectors, whole. */
  readonly names: RegExp;
  readonly reason: string;
}

export const EXCEPTIONS: readonly Exception[] = [
  {
    names: /^cvt-thumb\/bilevel-(white-is-zero|g4)\.tif$/,
    reason:
      'a picture that is made smaller is averaged; the reference leaves out pixels, which shows in black and white',
  },
  {
    names: /^spectra\/seq$/,
    reason:
      'the first band at the place that is asked for; the reference does not reckon with several bands and reads another place',
  },
  {
    names: /^(obj|iiif-info|ptl-last|rgn-full|iiif-native-region)\/rgb-odd-tiles\.tif$/,
    reason: 'tiles that are not square: the reference takes them for square ones and garbles the picture',
  },
  {
    names: /^obj\/grey1[04]-packed\.tif$/,
    reason: 'samples of 10 and 14 bits have a range of their own; the reference says 0 to 0',
  },
  {
    names: /^obj\/photo\.jpg$/,
    reason: 'texts in the EXIF of JPEG files are metadata here; the reference has none of JPEG files',
  },
  {
    names: /^iiif-base\/sub$/,
    reason: 'the id keeps its percent-encoding; the reference decodes it, which is no URI any more',
  },
  {
    names: /^iiif-tile\/1536,1024,464,309\/256,$/,
    reason: '`w,` is exactly w pixels wide, as the specification says; the reference gives 255',
  },
  {
    names: /^limits\/RGN=0,0,0\.1,0\.1&WID=1000&CVT=png$/,
    reason:
      'without upscaling no picture is larger than its region; the reference allows the size of the whole level',
  },
];

/** Why a vector is not expected to hold; undefined when it is. */
export function exceptionFor(name: string): Exception | undefined {
  return EXCEPTIONS.find(({ names }) => names.test(name));
}
