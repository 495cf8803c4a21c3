/** One row as a line for the terminal, printed as soon as it is measured. */
import { isMeasured, isMet, isTailMet, type Measured, type Row } from '../measure/row.ts';
import { digits, spread } from './format.ts';

export function rowLine(row: Row): string {
  const { group, name, clients, keepAlive, cold, ours, peer } = row;
  const kept = `${keepAlive ? ', kept' : ''}${cold === true ? ', cold' : ''}`;
  return [
    `${group}: ${name}, ${clients}${kept}`,
    sideText('ours', ours),
    sideText('peer', peer),
    verdict(row),
  ].join(' | ');
}

function sideText(name: string, side: Row['peer']): string {
  if (side === undefined) return `no ${name}`;
  return isMeasured(side) ? `${name} ${measuredText(side)}` : `${name}: ${side.lacks}`;
}

function measuredText({
  requestsPerSecond,
  p50Ms,
  p99Ms,
  cpuMs,
  peakMegabytes,
  generatorShare,
  othersShare,
}: Measured): string {
  const busy = generatorShare > BUSY ? ', generator busy' : '';
  const disturbed = othersShare > DISTURBED ? `, others ${digits(othersShare)}` : '';
  return `${digits(requestsPerSecond.median)}/s p50 ${digits(p50Ms)} p99 ${digits(p99Ms)} cpu ${digits(cpuMs)} ms, ${digits(peakMegabytes)} MB${busy}${disturbed}`;
}

/** From here on the load generator may have been the limit. */
const BUSY = 0.85;

/** From here on other programs took enough of the cores to distort what is measured. */
const DISTURBED = 0.25;

function verdict(row: Row): string {
  if (row.ratio === undefined) return 'no ratio';
  const doubt =
    row.likenessDb !== undefined && row.likenessDb < 20
      ? `, pictures differ (${digits(row.likenessDb)} dB)`
      : '';
  return `x ${spread(row.ratio)}, goal ${row.goal}: ${isMet(row) === true ? 'met' : 'NOT met'}, p99 ${isTailMet(row) === false ? 'NOT met' : 'met'}${doubt}`;
}
