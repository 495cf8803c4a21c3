/** What an EXIF block says of a picture: it is a TIFF without pixels. */
import { ServerError } from '../errors.ts';
import { BlockReader } from './block-reader.ts';
import type { MetadataField, Resolution } from './info.ts';
import { memorySource } from './memory-source.ts';
import { readDirectory, readHeader } from './tiff/directory.ts';
import { readResolution } from './tiff/resolution.ts';
import type { TagName } from './tiff/tags.ts';
import { readNumber, readText } from './tiff/values.ts';

export interface ExifFacts {
  readonly resolution?: Resolution;
  /** 1 to 8 as in TIFF; missing where none is stated. */
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
  const orientation = await readNumber(file, directory, 'Orientation');
  const isStated = orientation !== undefined && orientation >= 1 && orientation <= 8;
  return { metadata, ...(resolution && { resolution }), ...(isStated && { orientation }) };
}
