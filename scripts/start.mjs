// From a fresh clone to a running server: installs, builds, and serves the fixture images with a viewer page.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { build, installDependencies, root } from './lib/tasks.mjs';

installDependencies();
build();

const http = process.env.IIPSRV_HTTP ?? '127.0.0.1:8080';
const bind = process.env.IIPSRV_BIND ?? '127.0.0.1:9000';
const env = {
  FILESYSTEM_PREFIX: path.join(root, 'fixtures/images') + path.sep,
  URI_MAP: 'iiif=>IIIF,deepzoom=>DeepZoom,zoomify=>Zoomify',
  CORS: '*',
  ...process.env,
};
const server = spawn(process.execPath, ['dist/main.js', '--bind', bind, '--http', http, '--gallery'], {
  cwd: root,
  env,
  stdio: 'inherit',
});
console.log(`FastCGI on ${bind}; open http://${http}/ in a browser. Ctrl-C stops the server.`);
// Ctrl-C reaches the server too, from the terminal; a second one would make it break off what it is doing.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => server.kill('SIGTERM'));
server.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 0 : 1)));
