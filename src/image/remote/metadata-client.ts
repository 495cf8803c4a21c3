/** One short text from a service of the machine: its time is bounded, nothing is followed, nothing is kept open. */
import http from 'node:http';
import https from 'node:https';

export interface MetadataQuestion {
  readonly url: URL;
  readonly method?: 'GET' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
}

/** These services are on the machine itself or next to it. */
const LIMIT_MS = 2_000;
const MAX_CHARACTERS = 65_536;

/** @throws Error when there is no answer in time, or another than 200. */
export function askMetadata({ url, method = 'GET', headers = {} }: MetadataQuestion): Promise<string> {
  return new Promise((resolve, reject) => {
    const { request } = url.protocol === 'https:' ? https : http;
    const signal = AbortSignal.timeout(LIMIT_MS);
    const asked = request(url, { method, headers, signal, agent: false }, (message) => {
      let text = '';
      message.setEncoding('utf8');
      message.on('data', (piece: string) => {
        text += piece;
        if (text.length > MAX_CHARACTERS) message.destroy(new Error('the answer is too long'));
      });
      message.once('error', reject);
      message.once('end', () => {
        if (message.statusCode === 200) resolve(text);
        else reject(new Error(`${url.host} answers with status ${message.statusCode}`));
      });
    });
    asked.once('error', reject);
    asked.end();
  });
}
