// From a fresh clone to traffic on a running server: installs, builds, and runs it with the arguments that it is given.
import { build, buildTests, installDependencies, run } from '../../scripts/lib/tasks.mjs';

installDependencies();
build();
buildTests();
run(process.execPath, ['.build/test/traffic/main.js', ...process.argv.slice(2)]);
