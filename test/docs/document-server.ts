/** The server that docs/protocols.md speaks of: that of `npm start`, with the settings of each example, without a socket. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { readConfig } from '../../src/config/read-config.ts';
import { createImageServer, type ImageServer } from '../../src/image-server.ts';
import { makeRequest, type Request } from '../../src/server/request.ts';
import { headerValue, type Response } from '../../src/server/response.ts';
import { memoryLog } from '../support/log.ts';
import type { Example, Settings } from './examples.ts';

/** What `npm start` sets. */
const STANDING = {
  FILESYSTEM_PREFIX: path.resolve('fixtures/images') + path.sep,
  URI_MAP: 'iiif=>IIIF,deepzoom=>DeepZoom,zoomify=>Zoomify',
  CORS: '*',
};
const HOST = '127.0.0.1:8080';
const ADDRESS = '/fcgi-bin/iipsrv.fcgi';

/** The version that answers name. */
export const VERSION = '1.2.3';

export class DocumentServer {
  readonly #servers = new Map<string, Promise<ImageServer>>();
  // The threads of a server that listens nowhere keep nothing alive.
  readonly #alive = setInterval(() => undefined, 60_000);

  /** The answer to an example; `parts` are what a request has besides its URL. */
  async ask(url: string, settings: Settings = {}, parts: Partial<Request> = {}): Promise<Response> {
    const uri = url.startsWith('?') ? ADDRESS + url : url;
    const server = await this.#serverWith(settings);
    return server.respond(makeRequest({ uri, host: HOST, ...parts }), new AbortController().signal);
  }

  /** What is wrong with the answer to an example; empty when it is as the document has it. */
  async complaintOf({ url, status, settings, headers, body }: Example): Promise<string> {
    const response = await this.ask(url, settings);
    if (response.status !== status) return `${url} is answered ${response.status}, not ${status}`;
    const wrong = headers.find(([name, value]) => headerValue(response, name) !== value);
    if (wrong !== undefined) return `${url} has no header ${wrong.join(': ')}`;
    if (body === '' || matches(bodyOf(response), body)) return '';
    return `${url} is answered\n${bodyOf(response)}\nnot\n${body}`;
  }

  async stop(): Promise<void> {
    clearInterval(this.#alive);
    for (const server of this.#servers.values()) await (await server).stop();
  }

  #serverWith(settings: Settings): Promise<ImageServer> {
    const key = JSON.stringify(settings);
    const made = this.#servers.get(key) ?? start(settings);
    this.#servers.set(key, made);
    return made;
  }
}

function start(settings: Settings): Promise<ImageServer> {
  const { config, warnings, errors } = readConfig({ ...STANDING, ...settings }, { cpus: 1, avifCodecs: [] });
  assert.deepEqual([warnings, errors], [[], []]);
  return createImageServer(config, memoryLog(), VERSION);
}

export const bodyOf = ({ body }: Response): string => Buffer.from(body).toString();

const squeezed = (words: string): string => words.replace(/\s+/g, ' ').trim();

/** Whether `words` are `pattern`, in which `…` stands for anything; white space is all alike. */
export function matches(words: string, pattern: string): boolean {
  const pieces = squeezed(pattern).split('…');
  const escaped = pieces.map((piece) => piece.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${escaped.join('[^]*')}$`).test(squeezed(words));
}
