/** Keeps the directory of pyramids under its size. */
import fs from 'node:fs';
import path from 'node:path';
import { MAX_BUILD_MS } from './lock.ts';
import { FAILED_SUFFIX } from './pyramid-path.ts';

/** What the smallest file takes on a disk. */
const BLOCK_BYTES = 4_096;

/** Everything that is put there; of the rest of the directory nothing is touched. */
const OURS = /^[0-9a-f]{40}\.tif(\.failed|\.[0-9a-z]+\.part)?$/;

interface Kept {
  readonly file: string;
  readonly bytes: number;
  readonly usedMs: number;
  readonly isUnderWay: boolean;
}

/**
 * Deletes the least recently used pyramids, and notes of failures, until the rest fits: readers touch the file that
 * they open. Halves of pyramids whose builder must have died go first; younger ones are counted, not deleted.
 */
export function evict({
  directory,
  maxBytes,
}: {
  readonly directory: string;
  readonly maxBytes: number;
}): void {
  const files = fs
    .readdirSync(directory)
    .filter((name) => OURS.test(name))
    .flatMap((name) => keptOf(path.join(directory, name)))
    .sort((a, b) => a.usedMs - b.usedMs);
  let total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { file, bytes, usedMs, isUnderWay } of files) {
    const isLeftOver = isUnderWay && Date.now() - usedMs > MAX_BUILD_MS;
    if (isUnderWay ? !isLeftOver : total <= maxBytes) continue;
    fs.rmSync(file, { force: true });
    total -= bytes;
  }
}

function keptOf(file: string): Kept[] {
  const stats = fs.statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return [];
  const isPyramid = file.endsWith('.tif');
  const isUnderWay = !isPyramid && !file.endsWith(FAILED_SUFFIX);
  const usedMs = isPyramid ? stats.atimeMs : stats.mtimeMs;
  return [{ file, bytes: Math.max(BLOCK_BYTES, stats.size), usedMs, isUnderWay }];
}
