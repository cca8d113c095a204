import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { cageCommand } from './cage-process.ts';

const SOURCE = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const folder = mkdtempSync(join(SOURCE, 'adapters', 'sandbox', 'probe-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a program finds that has broken out of its isolate into the process: each line is an attempt and how it ended. */
const PROBE = `
const attempts = {
  env: async () => Object.keys(process.env).filter((name) => !['PWD', 'SHLVL', '_', 'OLDPWD'].includes(name)).join() || 'empty',
  readSecrets: async () => (await import('node:fs')).readFileSync('/etc/passwd', 'utf8').length,
  listFolder: async () => (await import('node:fs')).readdirSync('/').length,
  writeFile: async () => (await import('node:fs')).writeFileSync('/tmp/argosy-probe', 'x'),
  child: async () => (await import('node:child_process')).execSync('id').toString(),
  worker: async () => new (await import('node:worker_threads')).Worker('1', { eval: true }).threadId,
  connect: async () => await new Promise((resolve, reject) => import('node:net').then((net) => net.connect(Number(process.argv[6]), '127.0.0.1').on('connect', () => resolve('connected')).on('error', reject), reject)),
  request: async () => (await fetch('http://127.0.0.1:' + process.argv[6])).status,
  inspector: async () => (await import('node:inspector')).open(0),
};
const found = {};
for (const [name, attempt] of Object.entries(attempts)) {
  try { found[name] = String(await attempt()); } catch (error) { found[name] = error.code ?? error.cause?.code ?? error.name; }
}
process.stdout.write(JSON.stringify(found));
process.exit(0);
`;

describe('a process of the sandbox', () => {
  it('has no environment, files, network, children or workers for whoever breaks out of the isolate', async () => {
    const server = createServer((socket) => socket.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const script = join(folder, 'probe.mjs');
    writeFileSync(script, PROBE);
    const { command, args } = cageCommand(script, { source: SOURCE, guest: 'guest', api: 'api', types: 'types' });
    const output = await new Promise<string>((resolve, reject) => {
      execFile(command, [...args, String(port)], { env: {}, cwd: '/' }, (error, stdout) => (error === null ? resolve(stdout) : reject(error)));
    });
    expect(JSON.parse(output)).toEqual({
      env: 'empty',
      readSecrets: 'ERR_ACCESS_DENIED',
      listFolder: 'ERR_ACCESS_DENIED',
      writeFile: 'ERR_ACCESS_DENIED',
      child: 'ERR_ACCESS_DENIED',
      worker: 'ERR_ACCESS_DENIED',
      connect: 'ERR_ACCESS_DENIED',
      request: 'ERR_ACCESS_DENIED',
      inspector: 'ERR_ACCESS_DENIED',
    });
  });
});
