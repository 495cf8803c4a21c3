/** wrk, a load generator of others, over HTTP: how it is called and how its words are read. */
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

export interface WrkResult {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers of other statuses than 2xx and 3xx, and broken connections. */
  readonly problems: readonly string[];
}

export interface WrkJob {
  readonly program: string;
  /** `http://host:port` */
  readonly origin: string;
  readonly uris: readonly string[];
  readonly clients: number;
  readonly seconds: number;
  /** For the script that it runs. */
  readonly folder: string;
}

/** Asks for the list again and again. @throws Error when it does not run. */
export async function runWrk({
  program,
  origin,
  uris,
  clients,
  seconds,
  folder,
}: WrkJob): Promise<WrkResult> {
  const script = path.join(folder, 'wrk.lua');
  await writeFile(script, luaScript(uris));
  // Whole seconds: it understands no others.
  const duration = `${Math.max(1, Math.round(seconds))}s`;
  const args = ['-t', '1', '-c', String(clients), '-d', duration, '--latency', '--timeout', '20s', '-s', script, origin]; // prettier-ignore
  return parseWrk(await output(program, args));
}

/** One request after another, the requests made once. */
export const luaScript = (uris: readonly string[]): string => `local uris = {
${uris.map((uri) => `  "${uri.replaceAll(/["\\]/g, '\\$&')}",`).join('\n')}
}
local requests, at = {}, 0
init = function()
  for i, uri in ipairs(uris) do requests[i] = wrk.format("GET", uri) end
end
request = function()
  at = at % #requests + 1
  return requests[at]
end
`;

/** What wrk prints with `--latency`. @throws Error for anything else. */
export function parseWrk(text: string): WrkResult {
  const rate = /^Requests\/sec:\s+([\d.]+)/m.exec(text)?.[1];
  const [p50Ms, p99Ms] = ['50%', '99%'].map((name) => milliseconds(text, name));
  if (rate === undefined || p50Ms === undefined || p99Ms === undefined)
    throw new Error(`wrk says something else: ${text.slice(0, 500)}`);
  const problems = [...text.matchAll(/^\s*(Non-2xx or 3xx responses|Socket errors): (.*)$/gm)]
    .filter(([, , counts = '']) => /[1-9]/.test(counts))
    .map(([line]) => line.trim());
  return { requestsPerSecond: Number(rate), p50Ms, p99Ms, problems };
}

const UNITS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000 };

function milliseconds(text: string, name: string): number | undefined {
  const [, value, unit = ''] = new RegExp(`^\\s*${name}\\s+([\\d.]+)(us|ms|s|m)$`, 'm').exec(text) ?? [];
  return value === undefined ? undefined : Number(value) * UNITS[unit]!;
}

function output(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve(text) : reject(new Error(`wrk ended with ${String(code)}`)),
    );
  });
}
