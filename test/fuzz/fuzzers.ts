/** The table of fuzzers: the command line, the tests and docs/security.md name them by it. */
import { startFastcgi } from './fastcgi.ts';
import { startFastcgiSocket } from './fastcgi-socket.ts';
import { flatOriginals } from './flat-originals.ts';
import type { Dice } from './dice.ts';
import type { Fuzzer } from './fuzzer.ts';
import { mutateFlat } from './mutate-flat.ts';
import { mutateJp2 } from './mutate-jp2.ts';
import { mutateJpeg } from './mutate-jpeg.ts';
import { mutateTiff } from './mutate-tiff.ts';
import { originals } from './originals.ts';
import { pictureTrial } from './pictures.ts';
import { startRespond } from './respond.ts';

type Mutate = (originals: readonly Uint8Array[], dice: Dice) => Uint8Array;

function pictures(name: string, suffix: string, mutate: Mutate, matches: RegExp): Fuzzer {
  const start: Fuzzer['start'] = (scope) => {
    const whole = originals(matches);
    return Promise.resolve({ make: (dice) => mutate(whole, dice), trial: pictureTrial(scope) });
  };
  return { name, suffix, start };
}

export const FUZZERS: readonly Fuzzer[] = [
  { name: 'fastcgi', suffix: 'fcgi', start: startFastcgi },
  { name: 'socket', suffix: 'fcgi', start: startFastcgiSocket },
  { name: 'urls', suffix: 'json', start: startRespond },
  pictures('tiff', 'tif', mutateTiff, /\.tif$/),
  pictures('jpeg', 'jpg', mutateJpeg, /\.jpg$/),
  pictures('jp2', 'jp2', mutateJp2, /\.(?:jp2|j2k)$/),
  {
    name: 'flat',
    suffix: 'bin',
    start: async (scope) => {
      const whole = await flatOriginals();
      return { make: (dice) => mutateFlat(whole, dice), trial: pictureTrial(scope) };
    },
  },
];
