/** Reads the environment into a `Config` by the table of variables, and says what was wrong with it. */
import type { Config } from './config.ts';
import type { Facts, Outcome, RuleContext } from './rules.ts';
import { SETTINGS, type Variable, variableOf } from './variables.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** One for each variable that is not used as it was given. */
export interface ConfigWarning {
  readonly variable: string;
  /** As given, cut after 200 characters. */
  readonly value: string;
  /** What is used instead, in the syntax of the variable; empty: nothing. */
  readonly used: string;
  /** The whole sentence for the log. */
  readonly message: string;
}

/** A value with which the server must not start. */
export interface ConfigError {
  readonly variable: string;
  readonly value: string;
  readonly message: string;
}

export interface ConfigReading {
  readonly config: Config;
  readonly warnings: readonly ConfigWarning[];
  readonly errors: readonly ConfigError[];
}

/** Collects what is read. */
interface Draft {
  readonly context: RuleContext;
  readonly warnings: ConfigWarning[];
  readonly errors: ConfigError[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Reads every variable of the table; empty and blank ones count as unset.
 *
 * Never throws: what cannot be parsed gives a warning and the default, what is out of range a warning and the
 * nearest value, what must not be started with an error (BEHAVIOUR 2).
 */
export function readConfig(env: Environment, facts: Facts): ConfigReading {
  const chosen: Partial<Mutable<Config>> = {};
  const draft: Draft = { context: { ...facts, chosen }, warnings: [], errors: [] };
  for (const setting of SETTINGS) readInto(chosen, setting, env, draft);
  // Every setting was read, as the table has all keys of Config.
  return { config: Object.freeze(chosen as Config), warnings: draft.warnings, errors: draft.errors };
}

/** The settings of an empty environment. */
export function defaultConfig(facts: Facts): Config {
  return readConfig({}, facts).config;
}

function readInto<K extends keyof Config>(
  chosen: Partial<Mutable<Config>>,
  setting: K,
  env: Environment,
  draft: Draft,
): void {
  chosen[setting] = readVariable(variableOf(setting), env, draft);
}

function readVariable<T>(variable: Variable<T>, env: Environment, draft: Draft): T {
  const given = variable.names.filter((name) => (env[name] ?? '').trim() !== '');
  const name = given[0];
  if (name === undefined) return initialValue(variable, draft.context);
  const value = env[name] ?? '';
  warnOfOthers(given, value, env, draft);
  const outcome = variable.rule.parse(value, draft.context);
  return settle(variable, { name, value }, outcome, draft);
}

function initialValue<T>(variable: Variable<T>, context: RuleContext): T {
  const outcome = variable.rule.parse(variable.initial, context);
  if ('value' in outcome) return outcome.value;
  throw new Error(`${variable.names[0]}: its own default ${outcome.why}`);
}

/** The value to use, after a warning or error where the outcome is not good. */
function settle<T>(
  variable: Variable<T>,
  given: { readonly name: string; readonly value: string },
  outcome: Outcome<T>,
  draft: Draft,
): T {
  if (outcome.kind === 'good') return outcome.value;
  const shown = shorten(given.value);
  const complaint = `${given.name}=${JSON.stringify(shown)} ${outcome.why}`;
  const used = outcome.kind === 'adjusted' ? outcome.value : initialValue(variable, draft.context);
  if (outcome.kind === 'refused') {
    draft.errors.push({ variable: given.name, value: shown, message: complaint });
  } else {
    draft.warnings.push(warning(given.name, shown, complaint, variable.rule.show(used)));
  }
  return used;
}

function warning(variable: string, value: string, complaint: string, used: string): ConfigWarning {
  return { variable, value, used, message: `${complaint}; using ${used === '' ? 'nothing' : used}` };
}

/** A variable of two names, set to two values: the first name wins. */
function warnOfOthers(names: readonly string[], value: string, env: Environment, draft: Draft): void {
  for (const name of names.slice(1)) {
    const other = env[name] ?? '';
    if (other === value) continue;
    const complaint = `${name}=${JSON.stringify(shorten(other))} is not read, as ${names[0]} is set`;
    draft.warnings.push(warning(name, shorten(other), complaint, value));
  }
}

function shorten(value: string): string {
  return value.length > 200 ? `${value.slice(0, 200)}…` : value;
}
