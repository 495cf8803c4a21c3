/** What `--check` prints: the settings, what is wrong with them, where the server would listen. */
import { showAddress } from './address.ts';
import { workersOf, type Listening } from './command-line.ts';
import type { Config } from './config.ts';
import { describeSettings } from './describe-settings.ts';
import { EXIT_STATUS, type ExitStatus } from './options.ts';
import type { ConfigReading } from './read-config.ts';
import type { Facts } from './rules.ts';
import { describeShares } from './share-config.ts';

export interface CheckReport {
  /** Lines without a final line break. */
  readonly text: string;
  readonly exitStatus: ExitStatus;
}

/** Warnings leave the exit status 0, as the server would start with them. */
export function checkReport(reading: ConfigReading, listening: Listening, facts: Facts): CheckReport {
  const { config, warnings, errors } = reading;
  const settings = describeSettings(config, facts);
  const lines = [
    ...errors.map(({ message }) => `error: ${message}`),
    ...warnings.map(({ message }) => `warning: ${message}`),
    ...describeListening(listening),
    ...describeWorkers(workersOf(listening, config), config),
    settings.length === 0 ? 'every setting has its default' : 'settings that are not the default:',
    ...settings.map(([name, value]) => `  ${name}=${value}`),
    errors.length === 0 ? 'the server would start' : 'the server would not start',
  ];
  return {
    text: lines.join('\n'),
    exitStatus: errors.length === 0 ? EXIT_STATUS.done : EXIT_STATUS.cannotServe,
  };
}

/** What several processes divide among themselves. */
function describeWorkers(count: number, config: Config): readonly string[] {
  if (count === 1) return [];
  const shares = describeShares(config, count).map(([name, value]) => `${name}=${value}`);
  return [`${count} worker processes, each with ${shares.join(', ')}`];
}

/** One line for each place where the server listens, for the start-up log too. */
export function describeListening({ bind, http, admin, backlog }: Listening): readonly string[] {
  const inherited = http === undefined ? 'FastCGI on the socket inherited as descriptor 0' : undefined;
  const fastcgi = bind === undefined ? inherited : `FastCGI on ${showAddress(bind)}, backlog ${backlog}`;
  return [
    ...(fastcgi === undefined ? [] : [fastcgi]),
    ...(http === undefined ? [] : [`HTTP on ${showAddress(http)}, backlog ${backlog}`]),
    ...(admin === undefined ? [] : [`HTTP for operators on ${showAddress(admin)}`]),
  ];
}
