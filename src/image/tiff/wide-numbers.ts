/** Numbers that no typed array reads: floats of 16 and 24 bits, integers of 24 bits, and 64-bit ones as floats. */

/** IEEE 754 binary16. */
export function floatOfHalf(half: number): number {
  return floatOf(half, 5, 10);
}

/** 1 bit of sign, 7 of exponent with a bias of 63, 16 of fraction (TIFF Technical Note 3). */
export function floatOf24Bits(bits: number): number {
  return floatOf(bits, 7, 16);
}

function floatOf(bits: number, exponentBits: number, fractionBits: number): number {
  const sign = bits >> (exponentBits + fractionBits) === 0 ? 1 : -1;
  const top = (1 << exponentBits) - 1;
  const bias = top >> 1;
  const exponent = (bits >> fractionBits) & top;
  const fraction = (bits & ((1 << fractionBits) - 1)) / (1 << fractionBits);
  if (exponent === 0) return sign * fraction * 2 ** (1 - bias);
  if (exponent === top) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction) * 2 ** (exponent - bias);
}

/** Unsigned integers of three bytes. */
export function read24Bits(bytes: Uint8Array, isLittleEndian: boolean): Uint32Array {
  const numbers = new Uint32Array(Math.floor(bytes.length / 3));
  const [low, high] = isLittleEndian ? [0, 2] : [2, 0];
  for (let i = 0, at = 0; i < numbers.length; i++, at += 3)
    numbers[i] = (bytes[at + high]! << 16) | (bytes[at + 1]! << 8) | bytes[at + low]!;
  return numbers;
}

/** 64-bit integers, rounded to single precision. */
export function floatsOf64Bits(numbers: BigUint64Array, isSigned: boolean): Float32Array {
  const { buffer, byteOffset, length } = numbers;
  const values = isSigned ? new BigInt64Array(buffer, byteOffset, length) : numbers;
  const floats = new Float32Array(length);
  for (let i = 0; i < length; i++) floats[i] = Number(values[i]!);
  return floats;
}

/** What every number means. */
export function floatsOf(
  numbers: Uint16Array | Uint32Array,
  meaning: (number: number) => number,
): Float32Array {
  const floats = new Float32Array(numbers.length);
  for (let i = 0; i < floats.length; i++) floats[i] = meaning(numbers[i]!);
  return floats;
}
