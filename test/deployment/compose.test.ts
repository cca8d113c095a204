/** No container engine runs here: what the compose files promise is read from them, and their settings are taken by our own configuration. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONTAINER_TYPES, CUSTOM } from '#app/bots/bot-types.ts';
import { parseConfig } from '#config';
import { ROLES, variableNames } from '../../src/config/environment.ts';
import { type ComposeFile, ROOT, readCompose, type Service, schemaFaults } from './compose-files.ts';

const FILES = ['compose.yaml', 'compose.override.example.yaml', 'ops/caddy/compose.caddy.yaml'];
const compose = readCompose('compose.yaml');
const services = Object.entries(compose.services);
const ours = services.filter(([, { image }]) => image?.startsWith('argosy:'));

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'argosy-secrets-'));
  cpSync(join(ROOT, 'ops', 'make-secrets.sh'), join(folder, 'ops', 'make-secrets.sh'));
  execFileSync('sh', ['ops/make-secrets.sh'], { cwd: folder });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The configuration of a service with the secrets that the script makes. */
/** With nothing set beside the file, as compose reads it. */
function configOf({ environment = {} }: Service) {
  const entries = Object.entries(environment).map(([name, value]) => [
    name,
    value.replace('/run/secrets', join(folder, 'secrets')).replace(/\$\{\w+:-([^}]*)\}/g, '$1'),
  ]);
  return parseConfig({ environment: Object.fromEntries(entries), directory: '/app', isContainer: true });
}

describe.each(FILES)('%s', (name) => {
  const file: ComposeFile = readCompose(name);

  it('is what the compose specification allows', () => {
    expect(schemaFaults(file)).toEqual([]);
  });

  it('names images by an exact version', () => {
    for (const { image } of Object.values(file.services)) if (image !== undefined) expect(image).toMatch(/^[a-z0-9./-]+:\d+\.\d+(\.\d+)?(-[a-z0-9.]+)?$/);
  });

  it('sets no variable that is not one of ours', () => {
    const known = new Set([...variableNames(), ...variableNames().map((variable) => `${variable}_FILE`)]);
    for (const [service, { environment = {} }] of Object.entries(file.services)) {
      const strangers = Object.keys(environment).filter((variable) => !known.has(variable as never) && !variable.startsWith('POSTGRES_'));
      expect(strangers, service).toEqual([]);
    }
  });
});

it('has the services of the design', () => {
  expect(Object.keys(compose.services).sort()).toEqual(
    ['api', 'custom-bot', 'dca-bot', 'grid-bot', 'postgres', 'redis', 'scanner', 'telegram-bot', 'worker'].sort(),
  );
});

it('runs every role, every kind of bot in a container of its own, and the program of the image', () => {
  const configs = ours.map(([, service]) => configOf(service));
  expect([...new Set(configs.flatMap(({ roles }) => roles))].sort()).toEqual([...ROLES].sort());
  expect(configs.flatMap(({ bots }) => bots.types ?? []).sort()).toEqual([...CONTAINER_TYPES, CUSTOM].sort());
  for (const [name, { command }] of ours) expect(command, name).toBeUndefined();
  expect(readFileSync(join(ROOT, 'Dockerfile'), 'utf8')).toContain('CMD ["node", "src/main.ts"]');
});

it('leads every service to the same database and Redis, with the same keys', () => {
  const secretsOf = ({ database, redis, security, monitor }: ReturnType<typeof configOf>) =>
    [database.url, redis.url, security.masterKey, security.jwtSecret, monitor.token].map((secret) => secret?.reveal());
  const [first, ...others] = ours.map(([, service]) => secretsOf(configOf(service)));
  expect(first?.[0]).toMatch(/^postgresql:\/\/argosy:[0-9a-f]{48}@postgres:5432\/argosy$/);
  expect(first?.[1]).toMatch(/^redis:\/\/:[0-9a-f]{48}@redis:6379$/);
  for (const other of others) expect(other).toEqual(first);
});

it('gives every service the secrets it names, and the script makes every one of them', () => {
  const made = readdirSync(join(folder, 'secrets')).sort();
  expect(
    Object.values(compose.secrets ?? {})
      .map(({ file }) => basename(file))
      .sort(),
  ).toEqual(made);
  for (const [name, { environment = {}, command = '', healthcheck, secrets = [] }] of services) {
    const named = [...JSON.stringify([environment, command, healthcheck]).matchAll(/\/run\/secrets\/(\w+)/g)].map(([, secret]) => secret);
    expect([...new Set(named)].sort(), name).toEqual([...secrets].sort());
  }
  expect(statSync(join(folder, 'secrets')).mode & 0o777).toBe(0o700);
});

it('makes secrets once: a second run changes nothing', () => {
  const read = () => readdirSync(join(folder, 'secrets')).map((name) => readFileSync(join(folder, 'secrets', name), 'utf8'));
  const before = read();
  execFileSync('sh', ['ops/make-secrets.sh'], { cwd: folder });
  expect(read()).toEqual(before);
});

it.each(services)('%s is locked down, watched, limited and started again', (_name, service) => {
  expect(service).toMatchObject({ restart: 'unless-stopped', init: true, read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
  expect(service.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  expect(service.healthcheck?.test[0]).toMatch(/^CMD/);
  expect(service.logging).toEqual({ driver: 'json-file', options: { 'max-size': '20m', 'max-file': '5' } });
  expect(Object.keys(service.deploy?.resources.limits ?? {}).sort()).toEqual(['cpus', 'memory', 'pids']);
  expect(service.tmpfs).not.toEqual([]);
});

it('lets nobody in but to the API, and there from this machine only', () => {
  expect(services.filter(([, { ports }]) => ports !== undefined).map(([name, { ports }]) => [name, ports])).toEqual([['api', ['127.0.0.1:8000:8000']]]);
  expect(compose.networks?.['inside']).toEqual({ internal: true });
  for (const name of ['postgres', 'redis']) expect(compose.services[name]?.networks).toEqual(['inside']);
});

it('starts nothing of ours before database and Redis are well', () => {
  for (const [name, { depends_on: dependencies }] of ours)
    expect(dependencies, name).toMatchObject({ postgres: { condition: 'service_healthy' }, redis: { condition: 'service_healthy' } });
});

it('changes services that there are in the example for development', () => {
  for (const [name, { command, environment = {} }] of Object.entries(readCompose('compose.override.example.yaml').services)) {
    const service = compose.services[name];
    expect(service, name).toBeDefined();
    if (command === undefined || service === undefined) continue;
    expect(command).toEqual(['node', '--watch', 'src/main.ts']);
    expect(() => configOf({ environment: { ...service.environment, ...environment } })).not.toThrow();
  }
});
