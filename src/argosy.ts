/** The program `argosy`: commands for whoever looks after an installation, on the machine it runs on. */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import manifest from '../package.json' with { type: 'json' };

// The server's own: a command is over sooner than its sources are compiled. What follows is imported after this line.
enableCompileCache(join(import.meta.dirname, '..', 'node_modules', '.cache', 'argosy'));

const { loadConfig, spokenLanguage } = await import('./config.ts');
const { openLog } = await import('#adapters/log.ts');
const { openTerminal } = await import('#adapters/terminal.ts');
const { runCli } = await import('#edges/cli/program.ts');
const { openOperator } = await import('#roles/_operator.ts');
const { startFailure } = await import('#roles/_screen.ts');

const terminal = openTerminal({ input: process.stdin, output: process.stdout });
const output = await openLog({ level: 'error', file: null, output: process.stderr, readableFrom: 'error' });

try {
  process.exitCode = await runCli(process.argv.slice(2), {
    language: spokenLanguage(),
    version: manifest.version,
    print: (text) => terminal.print(text),
    complain: (text) => void process.stderr.write(`${text}\n`),
    operator: () => openOperator(loadConfig(), manifest.version, terminal, output.log),
  });
} catch (error) {
  process.stderr.write(`\nargosy: ${startFailure(error, null)}\n`);
  process.exitCode = 1;
} finally {
  terminal.close();
  await output.close();
}
