/** A report for people. */
import type { Finding, ReplayReport } from './replay.ts';

export function reportText(report: ReplayReport): string {
  const { counts, findings, lowestPsnr, fromMs, toMs } = report;
  const lowest = lowestPsnr === undefined ? '' : `, at least ${lowestPsnr} dB`;
  return [
    `${report.lines} lines, ${report.requests} requests`,
    `  same bytes or text: ${counts.same}`,
    `  alike: ${counts.close}${lowest}`,
    ...(['status', 'type', 'size', 'pixels', 'text', 'undecodable'] as const).map((kind) => `  ${WORDS[kind]}: ${counts[kind]}`),
    `  milliseconds, median and 99 %: from ${fromMs.join(', ')}; to ${toMs.join(', ')}`,
    ...findings.map(findingLine),
  ].join('\n'); // prettier-ignore
}

const WORDS = {
  status: 'another status',
  type: 'another content type',
  size: 'another size of the picture',
  pixels: 'other pixels',
  text: 'another text',
  undecodable: 'no picture',
} as const;

function findingLine({ uri, difference }: Finding): string {
  switch (difference.kind) {
    case 'status':
      return `status ${difference.from} -> ${difference.to}${difference.failure === undefined ? '' : ` (${difference.failure})`} ${uri}`;
    case 'type':
    case 'size':
      return `${difference.kind} ${difference.from} -> ${difference.to} ${uri}`;
    case 'pixels':
      return `pixels ${difference.psnr} dB ${uri}`;
    case 'text':
      return `text ${uri}`;
    case 'undecodable':
      return `no picture (${difference.which}) ${uri}`;
  }
}
