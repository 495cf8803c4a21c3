// Makes the program executable and leaves beside the code what it reads at run time: its version and the viewer page.
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
writeFileSync('dist/version.json', JSON.stringify({ version }) + '\n');
if (existsSync('dist/main.js')) chmodSync('dist/main.js', 0o755);

mkdirSync('dist/viewer/images', { recursive: true });
for (const name of ['index.html', 'viewer.js', 'viewer.css'])
  cpSync(`src/viewer/${name}`, `dist/viewer/${name}`);
const openseadragon = 'node_modules/openseadragon/build/openseadragon';
cpSync(`${openseadragon}/openseadragon.min.js`, 'dist/viewer/openseadragon.min.js');
cpSync(`${openseadragon}/images`, 'dist/viewer/images', { recursive: true });
cpSync('node_modules/openseadragon/LICENSE.txt', 'dist/viewer/openseadragon.LICENSE.txt');
