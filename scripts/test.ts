/** Runs the tests and ends with one plain line of figures: `npm test`, or `npm test -- src/core` for a part. */

const isTerminal = process.stdout.isTTY === true;
// Colours are decided when the library loads; a file or a pipe wants none.
if (!isTerminal) process.env['NO_COLOR'] ??= '1';
const { startVitest } = await import('vitest/node');
const vitest = await startVitest('test', process.argv.slice(2), { watch: false, run: true, reporters: isTerminal ? ['default'] : ['dot'] });
const modules = vitest.state.getTestModules();
const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state));
const count = (wanted: string): number => states.filter((state) => state === wanted).length;
// A file that cannot be loaded and an error nobody caught are failures as well, though no test carries them.
const broken = modules.filter((module) => module.state() === 'failed' && module.children.size === 0).length + vitest.state.getUnhandledErrors().length;
await vitest.close();

const [passed, failed, skipped] = [count('passed'), count('failed') + broken, count('skipped')];
console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
