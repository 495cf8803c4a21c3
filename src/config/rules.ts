/** How the text of an environment variable becomes a value: small rules that parse, clamp and show, made from data. */
import type { Config } from './config.ts';

/** What the machine and the libraries offer, found out by the caller. */
export interface Facts {
  /** Processor cores that this program may use. */
  readonly cpus: number;
  /** AVIF codecs that the encoder has; absent: not known, none is refused. */
  readonly avifCodecs?: readonly string[];
  /** Memory that this program may take, all in all; absent: not known. */
  readonly memoryBytes?: number;
}

export interface RuleContext extends Facts {
  /** Settings that stand earlier in the table and are read already. */
  readonly chosen: Partial<Config>;
}

export type Outcome<T> =
  | { readonly kind: 'good'; readonly value: T }
  /** Usable after a change that is worth a warning, such as clamping. */
  | { readonly kind: 'adjusted'; readonly value: T; readonly why: string }
  /** The default is used, with a warning. */
  | { readonly kind: 'unusable'; readonly why: string }
  /** The server must not start with it. */
  | { readonly kind: 'refused'; readonly why: string };

export interface Rule<T> {
  /** The accepted texts in a few words, for documents. */
  readonly accepts: string;
  readonly parse: (text: string, context: RuleContext) => Outcome<T>;
  /** The inverse of `parse`: a text that gives `value`. */
  readonly show: (value: T) => string;
}

export interface Bounds {
  readonly min: number;
  /** Absent: no limit. */
  readonly max?: number;
}

export function good<T>(value: T): Outcome<T> {
  return { kind: 'good', value };
}

/** A whole number within bounds; what lies outside is clamped. */
export function integer(bounds: Bounds): Rule<number> {
  return numberRule(/^[+-]?\d+$/, 'is not a whole number', bounds);
}

/** A number, fractions and exponents allowed, within bounds; what lies outside is clamped. */
export function decimal(bounds: Bounds): Rule<number> {
  return numberRule(/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i, 'is not a number', bounds);
}

function numberRule(syntax: RegExp, complaint: string, bounds: Bounds): Rule<number> {
  return {
    accepts: bounds.max === undefined ? `${bounds.min} or more` : `${bounds.min} to ${bounds.max}`,
    parse: (text) => {
      const trimmed = text.trim();
      return syntax.test(trimmed) ? clamp(Number(trimmed), bounds) : { kind: 'unusable', why: complaint };
    },
    show: String,
  };
}

// Adding nothing to 0 turns -0, which "-0" parses to, into 0.
function clamp(value: number, { min, max }: Bounds): Outcome<number> {
  if (value < min) return { kind: 'adjusted', value: min, why: `is less than ${min}` };
  if (max !== undefined && value > max) return { kind: 'adjusted', value: max, why: `is more than ${max}` };
  return good(value + 0);
}

/** Numbers that stand for words: `words[0]` is `first`, and so on. Other numbers are unusable. */
export function codes<T extends string | number>(words: readonly T[], first = 0): Rule<T> {
  const list = words.map((word, index) => (word === first + index ? `${word}` : `${first + index} ${word}`));
  return {
    accepts: list.join(', '),
    parse: (text) => {
      const trimmed = text.trim();
      const word = /^[+-]?\d+$/.test(trimmed) ? words[Number(trimmed) - first] : undefined;
      return word === undefined ? { kind: 'unusable', why: `is none of ${list.join(', ')}` } : good(word);
    },
    show: (value) => String(words.indexOf(value) + first),
  };
}

/** A rule for other values on the same texts. `from` is the inverse of `to`. */
export function mapRule<A, B>(rule: Rule<A>, to: (value: A) => B, from: (value: B) => A): Rule<B> {
  return {
    accepts: rule.accepts,
    parse: (text, context) => {
      const outcome = rule.parse(text, context);
      return 'value' in outcome ? { ...outcome, value: to(outcome.value) } : outcome;
    },
    show: (value) => rule.show(from(value)),
  };
}

/** 0 or 1. */
export const toggle: Rule<boolean> = {
  ...mapRule(
    integer({ min: 0, max: 1 }),
    (code) => code === 1,
    (isOn) => (isOn ? 1 : 0),
  ),
  accepts: '0 or 1',
};

/** Any text, taken as it is. */
export const text: Rule<string> = { accepts: 'text', parse: good, show: String };

/** A text that is used and never shown. */
export const secret: Rule<string> = {
  accepts: 'text',
  parse: (given) => good(given.trim()),
  show: (value) => (value === '' ? '' : '(set)'),
};

/** A text that ends up in a header or document: trimmed, and never with line breaks or NUL. */
export const singleLine: Rule<string> = {
  accepts: 'text on one line',
  parse: (given) => {
    const value = given.replace(/[\r\n\0]/g, '');
    if (value === given) return good(value.trim());
    return { kind: 'adjusted', value: value.trim(), why: 'has line breaks or NUL' };
  },
  show: String,
};
