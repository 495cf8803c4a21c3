/** Light on a surface. */

/** Where the light comes from, in degrees. */
export interface Light {
  /** Clockwise from 12 o'clock. */
  readonly horizontal: number;
  /** Downwards from the picture's plane. */
  readonly vertical: number;
}

/** The unit vector along (sin h, cos h, -sin v): a form found by least squares from recorded pictures. */
export function towardsLight({ horizontal, vertical }: Light): [number, number, number] {
  const radians = Math.PI / 180;
  const x = Math.sin(horizontal * radians);
  const y = Math.cos(horizontal * radians);
  const z = -Math.sin(vertical * radians);
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
}
