/** Says which settings differ from the defaults, for the start-up lines of the log and for `--check`. */
import { isDeepStrictEqual } from 'node:util';
import type { Config } from './config.ts';
import { defaultConfig } from './read-config.ts';
import type { Facts } from './rules.ts';
import { SETTINGS, variableOf } from './variables.ts';

export type NamedSetting = readonly [name: string, value: string];

/** Every setting that is not the default: documented name and value in the syntax of the variable. */
export function describeSettings(config: Config, facts: Facts): readonly NamedSetting[] {
  const defaults = defaultConfig(facts);
  return SETTINGS.filter((setting) => !isDeepStrictEqual(config[setting], defaults[setting])).map(
    (setting) => [variableOf(setting).names[0], show(config, setting)],
  );
}

function show<K extends keyof Config>(config: Config, setting: K): string {
  return variableOf(setting).rule.show(config[setting]);
}
