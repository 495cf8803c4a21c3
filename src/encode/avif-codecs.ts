/** Which AVIF encoders there are. Apart from the encoder, so that the configuration can warn without loading it. */
import type { Encoding } from './encoder.ts';

type AvifCodec = Extract<Encoding, { format: 'avif' }>['codec'];

/** Sharp's libheif is built with aom alone; any other choice is encoded as `auto`. */
export const AVAILABLE_AVIF_CODECS: readonly AvifCodec[] = ['auto', 'aom'];
