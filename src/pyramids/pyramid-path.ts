/** Names of pyramids. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { identityKey, type FileIdentity } from '../image/source.ts';

/** The file that holds the pyramid of one version of a picture. */
export function pyramidPath(directory: string, source: string, identity: FileIdentity): string {
  const digest = createHash('sha256')
    .update(`${source}\0${identityKey(identity)}`)
    .digest('hex');
  return path.join(directory, `${digest.slice(0, 40)}.tif`);
}
