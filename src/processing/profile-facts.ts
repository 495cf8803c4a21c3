/** What an ICC profile says of itself. */

/** What a profile is for: ICC.1, 7.2.6, the color space of the data at byte 16. */
export function profileKind(icc: Uint8Array): 'gray' | 'rgb' | undefined {
  const space = String.fromCharCode(...icc.subarray(16, 20));
  if (space === 'GRAY') return 'gray';
  return space === 'RGB ' ? 'rgb' : undefined;
}

/** Whether a profile calls itself sRGB: then there is nothing to convert. */
export function isSrgbProfile(icc: Uint8Array): boolean {
  const bytes = Buffer.from(icc.buffer, icc.byteOffset, icc.length);
  // Descriptions are ASCII in version 2 and UTF-16, highest byte first, in version 4.
  return bytes.includes('sRGB') || bytes.includes('\0s\0R\0G\0B');
}
