// From a fresh clone to numbers: installs, builds, and runs the benchmark with the arguments that it is given.
import { build, buildTests, installDependencies, run } from '../../scripts/lib/tasks.mjs';

installDependencies();
build();
buildTests();
// Windows out of JPEG 2000 need no server.
const entry = process.argv[2] === 'jp2' ? 'jp2/main.js' : 'main.js';
run(process.execPath, [`.build/test/bench/${entry}`, ...process.argv.slice(2)]);
