/** Numbers written as C's printf writes them, because clients of IIP parse those forms. */

/** `%.<precision>g`: the shorter of fixed and exponent form, without trailing zeros. */
export function formatG(value: number, precision: number): string {
  if (value === 0) return '0';
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  const exponent = Number(value.toExponential(precision - 1).split('e')[1]);
  if (exponent < -4 || exponent >= precision) {
    const [mantissa = '', power = ''] = value.toExponential(precision - 1).split('e');
    const digits = power.slice(1).padStart(2, '0');
    return `${withoutTrailingZeros(mantissa)}e${power.startsWith('-') ? '-' : '+'}${digits}`;
  }
  return withoutTrailingZeros(value.toFixed(precision - 1 - exponent));
}

/** `%f`: six decimals. */
export function formatF(value: number): string {
  return value.toFixed(6);
}

function withoutTrailingZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
