/** Weighted sums of neighbors. */

/**
 * out[i] = sum of weight * float at (address + 4 i), over `taps` entries of an address and a weight (u32, f32). What is
 * stored are as many full groups of 16 as hold `count`.
 */
export function weigh(to: usize, count: i32, table: usize, taps: i32): void {
  const last = table + (<usize>taps << 3);
  for (let i: usize = 0, length = <usize>count << 2; i < length; i += 64) {
    let a = f32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    for (let tap = table; tap < last; tap += 8) {
      const from = <usize>load<u32>(tap) + i;
      const weight = v128.load32_splat(tap, 4);
      a = f32x4.add(a, f32x4.mul(v128.load(from), weight));
      b = f32x4.add(b, f32x4.mul(v128.load(from, 16), weight));
      c = f32x4.add(c, f32x4.mul(v128.load(from, 32), weight));
      d = f32x4.add(d, f32x4.mul(v128.load(from, 48), weight));
    }
    v128.store(to + i, a);
    v128.store(to + i, b, 16);
    v128.store(to + i, c, 32);
    v128.store(to + i, d, 48);
  }
}
