/** nginx with the configuration of deploy/, on a free port. */
import { copyFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startDaemon, type Daemon } from '../support/daemon.ts';
import type { Where } from '../support/fcgi-client.ts';
import { freePort } from '../support/ports.ts';
import { programPath, skipUnless } from '../support/real-programs.ts';
import type { Scope } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { deployed } from './deployed.ts';

const FASTCGI_PARAMS = '/etc/nginx/fastcgi_params';

export const NGINX_MISSING = skipUnless('nginx', FASTCGI_PARAMS);

export interface Nginx {
  readonly port: number;
  readonly daemon: Daemon;
  /** Its log of errors. */
  readonly errorLog: string;
}

export interface NginxOptions {
  /** Where the program listens. */
  readonly upstream: Where;
  /** Connections to the program are kept; off is what nginx does without being told. */
  readonly isKeepingConnections: boolean;
  /** Of clients and to the program, together; 1,024 when not given. */
  readonly maxConnections?: number;
}

/** In front of one program. Runs until the scope ends. */
export async function startNginx(
  scope: Scope,
  { upstream, isKeepingConnections, maxConnections }: NginxOptions,
): Promise<Nginx> {
  const server = 'path' in upstream ? `unix:${upstream.path}` : `127.0.0.1:${upstream.port}`;
  const replacements = {
    'server 127.0.0.1:9000;': `server ${server};`,
    '# fastcgi_param HTTP_HOST': 'fastcgi_param HTTP_HOST',
    ...(isKeepingConnections ? {} : { 'keepalive 32;': '', 'fastcgi_keep_conn on;': '' }),
  };
  return startNginxWith(scope, 'nginx/iipsrv.conf', replacements, maxConnections);
}

/** With a file of deploy/ that listens on port 80, and its other places filled in. Runs until the scope ends. */
export async function startNginxWith(
  scope: Scope,
  file: string,
  replacements: Readonly<Record<string, string>>,
  maxConnections?: number,
): Promise<Nginx> {
  const port = await freePort();
  const site = await deployed(file, { 'listen 80;': `listen 127.0.0.1:${port};`, ...replacements });
  return startNginxAt(scope, port, site, maxConnections);
}

/** With a site that listens on `port`. Runs until the scope ends. */
export async function startNginxAt(
  scope: Scope,
  port: number,
  site: string,
  maxConnections = 1_024,
): Promise<Nginx> {
  const folder = await tempFolder(scope);
  await copyFile(FASTCGI_PARAMS, path.join(folder, 'fastcgi_params'));
  await writeFile(path.join(folder, 'nginx.conf'), surroundings(folder, site, maxConnections));
  const errorLog = path.join(folder, 'error.log');
  const daemon = startDaemon(scope, [
    programPath('nginx'),
    '-e',
    errorLog,
    '-c',
    path.join(folder, 'nginx.conf'),
  ]);
  await daemon.waitUntilListening({ port });
  return { port, daemon, errorLog };
}

/** What a distribution brings, kept inside the folder. */
function surroundings(folder: string, site: string, maxConnections: number): string {
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
pid ${folder}/nginx.pid;
error_log ${folder}/error.log warn;
worker_processes 1;
worker_rlimit_nofile ${maxConnections + 64};
events { worker_connections ${maxConnections}; }
http {
  access_log off;
${places.map((place) => `  ${place}_temp_path ${folder}/${place};`).join('\n')}
${site}
}
`;
}
