/** GDAL_NODATA: samples that mean "nothing here" become NaN, which is black, and counts in no statistics. */

/** Beyond, writers give the value with fewer digits than it has. */
const HUGE = 1e30;
const CLOSE = 1e-5;

/** In place. */
export function clearNoData(samples: Float32Array, noData: number): void {
  const value = Math.fround(noData);
  const isHuge = Math.abs(noData) > HUGE && Number.isFinite(value);
  const tolerance = isHuge ? Math.abs(noData) * CLOSE : 0;
  for (let i = 0; i < samples.length; i++) {
    const sample = samples[i]!;
    if (sample === value || Math.abs(sample - noData) < tolerance) samples[i] = NaN;
  }
}
