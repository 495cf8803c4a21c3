/** What an EXIF block says of a picture: it is a TIFF without pixels. */
import { ServerError } from '../errors.ts';
import { BlockReader } from './block-reader.ts';
import type { MetadataField, Resolution } from './info.ts';
import { memorySource } from './memory-source.ts';
import { readDirectory, readHeader } from './tiff/directory.ts';
import { readOrientation } from './tiff/orientation-tag.ts';
import { readResolution } from './tiff/resolution.ts';
import type { TagName } from './tiff/tags.ts';
import { readText } from './tiff/values.ts';

export interface ExifFacts {
  readonly resolution?: Resolution;
  /** How the picture has to be turned, 2 to 8; missing where it stands upright or nothing is said of it. */
  readonly orientation?: number;
  readonly metadata: Readonly<Partial<Record<MetadataField, string>>>;
}

const TEXTS: Readonly<Partial<Record<MetadataField, TagName>>> = {
  rights: 'Copyright',
  description: 'ImageDescription',
  creator: 'Artist',
  date: 'DateTime',
  software: 'Software',
  make: 'Make',
  model: 'Model',
};

/** Nothing where the block makes no sense: a picture is worth showing without its EXIF. */
export async function readExif(exif: Uint8Array | undefined): Promise<ExifFacts> {
  if (exif === undefined) return { metadata: {} };
  try {
    return await readFacts(exif);
  } catch (error) {
    if (error instanceof ServerError && error.kind === 'damaged') return { metadata: {} };
    throw error;
  }
}

async function readFacts(exif: Uint8Array): Promise<ExifFacts> {
  const file = await readHeader(new BlockReader(memorySource(exif)));
  const directory = await readDirectory(file, file.firstDirectory);
  const metadata: Partial<Record<MetadataField, string>> = {};
  for (const [field, tag] of Object.entries(TEXTS) as [MetadataField, TagName][]) {
    // Cameras fill fields that they do not know with blanks.
    const text = (await readText(file, directory, tag))?.trim();
    if (text !== undefined && text !== '') metadata[field] = text;
  }
  const resolution = await readResolution(file, directory);
  const orientation = await readOrientation(file, directory);
  return {
    metadata,
    ...(resolution && { resolution }),
    ...(orientation !== undefined && { orientation }),
  };
}
