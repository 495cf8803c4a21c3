/** A plain HTTP client for tests: sends the path as it is written, follows nothing, unpacks nothing. */
import { request, type Agent } from 'node:http';

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case; values of a repeated name are joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface HttpAsk {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: Agent;
}

/** One request to 127.0.0.1. */
export function httpRequest(port: number, uri: string, ask: HttpAsk = {}): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path: uri, agent: false, ...ask }, (message) => {
      const pieces: Buffer[] = [];
      message.on('data', (piece: Buffer) => pieces.push(piece));
      message.once('error', reject);
      message.once('end', () => {
        const headers = Object.entries(message.headersDistinct).map(
          ([name, values = []]) => [name, values.join(', ')] as const,
        );
        resolve({
          status: message.statusCode ?? 0,
          headers: Object.fromEntries(headers),
          body: Buffer.concat(pieces),
        });
      });
    });
    sent.once('error', reject);
    sent.end();
  });
}
