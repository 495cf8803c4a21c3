/** A process that reads pictures as a server does, and tells what came of it and what it cost. */
import { runInNewContext } from 'node:vm';
import { setFlagsFromString } from 'node:v8';
import { tryPicture } from './try-picture.ts';
import type { ChildMessage, ParentMessage } from './picture-messages.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const say = (message: ChildMessage): void => void process.send!(message);

process.on('message', (message: ParentMessage) => {
  if (message.kind === 'end') process.exit(0);
  const cpu = process.cpuUsage();
  const peakBefore = process.resourceUsage().maxRSS;
  void tryPicture(message.bytes).then((fault) => {
    const { user, system } = process.cpuUsage(cpu);
    const { maxRSS } = process.resourceUsage();
    const peakMegabytes = Math.round((maxRSS - peakBefore) / 1024);
    let { rss } = process.memoryUsage();
    if (rss > 2 ** 29) {
      collectGarbage();
      rss = process.memoryUsage().rss;
    }
    say({ fault, cpuMs: (user + system) / 1000, peakMegabytes, megabytes: Math.round(rss / 2 ** 20) });
  });
});
