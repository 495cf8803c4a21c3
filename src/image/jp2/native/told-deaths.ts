/** A decoder whose deaths are told, with what it was about: for the log. */
import type { Report } from '../../open-context.ts';
import type { WindowDecoder } from './decoder.ts';

/** @param report names the file besides. */
export function withToldDeaths(decoder: WindowDecoder, report: Report): WindowDecoder {
  return {
    async decode(wish) {
      const result = await decoder.decode(wish);
      if (result.kind === 'died') {
        const { signal, exitStatus } = result;
        const { area, reduction, layers, bytes } = wish;
        const about = { area: Object.values(area).join(','), reduction, layers, bytes: bytes.length };
        report("OpenJPEG's process ended while it decoded", { signal, exitStatus, ...about });
      }
      return result;
    },
  };
}
