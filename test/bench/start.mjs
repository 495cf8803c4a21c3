// From a fresh clone to numbers: installs, builds, and runs the benchmark with the arguments that it is given.
import { build, buildTests, installDependencies, run } from '../../scripts/lib/tasks.mjs';

installDependencies();
build();
buildTests();
run(process.execPath, ['.build/test/bench/main.js', ...process.argv.slice(2)]);
