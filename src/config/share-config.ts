/** The settings of one of several processes. */
import type { Config } from './config.ts';
import type { NamedSetting } from './describe-settings.ts';
import type { Seat } from './share.ts';
import { SETTINGS, variableOf } from './variables.ts';

/** What the process at `seat` is to take of `config`, which is for all of them. */
export function shareOf(config: Config, seat: Seat): Config {
  const shared = SETTINGS.map((setting) => [setting, shareOfSetting(config, setting, seat)]);
  // It has the keys of Config, each with a value of its type.
  return Object.freeze(Object.fromEntries(shared) as unknown as Config);
}

/** What is divided, as the first of `of` processes has it: documented name and value in the syntax of the variable. */
export function describeShares(config: Config, of: number): readonly NamedSetting[] {
  return SETTINGS.filter((setting) => variableOf(setting).share !== undefined).map((setting) => [
    variableOf(setting).names[0],
    showShare(config, setting, { index: 0, of }),
  ]);
}

function shareOfSetting<K extends keyof Config>(config: Config, setting: K, seat: Seat): Config[K] {
  const { share } = variableOf(setting);
  return share === undefined ? config[setting] : share(config[setting], seat);
}

function showShare<K extends keyof Config>(config: Config, setting: K, seat: Seat): string {
  return variableOf(setting).rule.show(shareOfSetting(config, setting, seat));
}
