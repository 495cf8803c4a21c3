// Makes the program executable and leaves beside the code what it reads at run time.
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
writeFileSync('dist/version.json', JSON.stringify({ version }) + '\n');
if (existsSync('dist/main.js')) chmodSync('dist/main.js', 0o755);
