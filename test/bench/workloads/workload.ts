/** What is measured, as data. */
import type { ImageName } from '../images/recipes.ts';
import type { AnswerKind } from '../load/judge.ts';
import type { Transport } from '../servers/contender.ts';

/** How a server is set up, beside the folder of the pictures. */
export type Setting = 'uncached' | 'uncached-roomy' | 'decoding' | 'default';

/** Added to the environment of every contender. */
export const SETTINGS: Readonly<Record<Setting, Readonly<Record<string, string>>>> = {
  uncached: { MAX_IMAGE_CACHE_SIZE: '0' },
  // The C library then puts large buffers beside others: iipsrv 1.1 reads past the end of some, and would end.
  'uncached-roomy': {
    MAX_IMAGE_CACHE_SIZE: '0',
    MALLOC_MMAP_THRESHOLD_: String(2 ** 30),
    MALLOC_TOP_PAD_: String(2 ** 28),
  },
  // Stored JPEG is not sent as it is.
  decoding: { MAX_IMAGE_CACHE_SIZE: '0', CODEC_PASSTHROUGH: '0' },
  default: {},
};

/** How many ask at once, and whether they keep their connections. */
export interface Pressure {
  readonly clients: number;
  readonly keepAlive: boolean;
  /** Each round in a process that has just been started, whose first requests these are. */
  readonly cold?: boolean;
  /** The ratio of requests a second to the peer's that is wanted. */
  readonly goal: number;
}

export interface Workload {
  /** Heading under which its rows stand. */
  readonly group: string;
  readonly name: string;
  readonly image: ImageName;
  readonly setting: Setting;
  /** Where this row is about the kind of socket; else as the run was told. */
  readonly transport?: Transport;
  readonly expects: AnswerKind;
  /** Of the picture in every answer; looked at where the answer is a picture. */
  readonly size: { readonly width: number; readonly height: number };
  /** Asked for in random order. */
  readonly uris: readonly string[];
  /** For each of `uris`, the same without the operation: a server whose answer is the same does not know it. */
  readonly plainUris?: readonly string[];
  readonly pressures: readonly Pressure[];
}

export interface Suite {
  readonly name: string;
  readonly title: string;
  readonly workloads: readonly Workload[];
}
