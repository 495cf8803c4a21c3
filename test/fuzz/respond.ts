/** A whole image server over the fixtures in this process, without a socket, and its answers checked. */
import assert from 'node:assert/strict';
import { defaultConfig } from '../../src/config/read-config.ts';
import { createImageServer } from '../../src/image-server.ts';
import { makeRequest } from '../../src/server/request.ts';
import { IMAGES } from '../support/fixtures.ts';
import { memoryLog } from '../support/log.ts';
import type { Scope } from '../support/scope.ts';
import { checkAnswer } from './check-answer.ts';
import type { Started } from './fuzzer.ts';
import { makeRequestCase, type FuzzedRequest } from './urls.ts';

/** Of waiting: others use the machine too. */
const MAX_MS = 20_000;

export async function startRespond(scope: Scope): Promise<Started> {
  const config = {
    ...defaultConfig({ cpus: 1 }),
    threads: 1,
    filesystemPrefix: `${IMAGES}/`,
    maxOutputSide: 600,
    iiifDelimiter: ';',
    uriMap: [
      { prefix: 'iiif', protocol: 'IIIF' },
      { prefix: 'deepzoom', protocol: 'DeepZoom' },
      { prefix: 'zoomify', protocol: 'Zoomify' },
    ] as const,
  };
  let log = memoryLog();
  // What is logged is forgotten case after case.
  const forgetful = { ...log, ...forwarded(() => log) };
  const server = await createImageServer(config, forgetful, '9.9.9');
  scope.defer(() => server.stop());
  return {
    make: (dice) => Buffer.from(JSON.stringify(makeRequestCase(dice))),
    trial: async (input) => {
      const { body, ...asked } = JSON.parse(Buffer.from(input).toString()) as FuzzedRequest;
      log = memoryLog();
      const request = makeRequest({ ...asked, ...(body === undefined ? {} : { body: Buffer.from(body) }) });
      const response = await inTime(Promise.resolve(server.respond(request, new AbortController().signal)));
      try {
        await checkAnswer(response, request.method);
      } catch (cause) {
        const told = log.lines.find(({ level }) => level === 'error' || level === 'warn')?.fields['err'];
        throw new Error(`${(cause as Error).message} ${told instanceof Error ? told.stack : ''}`, { cause });
      }
    },
  };
}

function forwarded(to: () => ReturnType<typeof memoryLog>) {
  const at = (level: 'trace' | 'debug' | 'info' | 'warn' | 'error') => (fields: object, message: string) =>
    to()[level](fields, message);
  return { trace: at('trace'), debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), MAX_MS)));
  const done = await Promise.race([work, late]);
  clearTimeout(timer);
  assert.ok(done !== undefined, `no answer after ${MAX_MS} ms`);
  return done;
}
