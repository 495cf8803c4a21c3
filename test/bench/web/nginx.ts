/** A web server in front of a contender, as most people run one. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Address } from '../load/job.ts';
import { freePort } from '../../support/ports.ts';

export interface Front {
  readonly origin: string;
  stop(): Promise<void>;
}

export interface FrontOptions {
  readonly program: string;
  readonly upstream: Address;
  /** Whether nginx keeps its connections to the upstream. */
  readonly keepAlive: boolean;
  readonly folder: string;
}

/** @throws Error when it does not listen in time. */
export async function startNginx({ program, upstream, keepAlive, folder }: FrontOptions): Promise<Front> {
  const port = await freePort();
  const prefix = path.join(folder, `nginx-${port}`);
  await mkdir(prefix);
  await writeFile(path.join(prefix, 'nginx.conf'), configuration({ port, upstream, keepAlive, prefix }));
  const child = spawn(program, ['-p', prefix, '-c', path.join(prefix, 'nginx.conf'), '-e', 'stderr'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGQUIT');
    await ended;
  };
  try {
    await untilItListens(port);
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return { origin: `http://127.0.0.1:${port}`, stop };
}

interface Configuration extends Pick<FrontOptions, 'upstream' | 'keepAlive'> {
  readonly port: number;
  readonly prefix: string;
}

/** Debian's worker count and buffers; every temporary file below `prefix`. */
export function configuration({ port, upstream, keepAlive, prefix }: Configuration): string {
  const address = upstream.kind === 'unix' ? `unix:${upstream.path}` : `${upstream.host}:${upstream.port}`;
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `  ${name}_temp_path ${prefix}/${name};`)
    .join('\n');
  // Started by root, its workers would be www-data, which may not use the socket.
  const user = process.getuid?.() === 0 ? 'user root;\n' : '';
  return `${user}daemon off;
worker_processes auto;
pid ${prefix}/pid;
error_log ${prefix}/errors crit;
events { worker_connections 1024; }
http {
  access_log off;
${temporary}
  upstream images {
    server ${address};
${keepAlive ? '    keepalive 64;\n' : ''}  }
  server {
    listen 127.0.0.1:${port};
    location / {
      include /etc/nginx/fastcgi_params;
      fastcgi_pass images;
${keepAlive ? '      fastcgi_keep_conn on;\n' : ''}    }
  }
}
`;
}

async function untilItListens(port: number): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await canConnect(port))) {
    if (performance.now() > deadline) throw new Error('nginx does not listen');
    await wait(5);
  }
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
