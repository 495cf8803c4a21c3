// From a fresh clone to a server under stress: installs, builds, and runs the soak with the arguments that it is given.
import { build, buildTests, installDependencies, run } from '../../scripts/lib/tasks.mjs';

installDependencies();
build();
buildTests();
run(process.execPath, ['.build/test/soak/main.js', ...process.argv.slice(2)]);
