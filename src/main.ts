/** Starts Argosy: reads the configuration once, opens the parts, starts the chosen roles, and closes all of it in reverse order. */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import manifest from '../package.json' with { type: 'json' };

// Inside the project, because others may write to a shared temporary directory. What follows is imported after this line.
enableCompileCache(join(import.meta.dirname, '..', 'node_modules', '.cache', 'argosy'));

const { loadConfig } = await import('./config.ts');
const { openLog } = await import('#adapters/log.ts');
const { systemClock } = await import('#adapters/clock.ts');
const { Closing } = await import('#roles/_closing.ts');
const { startFailure, welcomeScreen } = await import('#roles/_screen.ts');
type Config = ReturnType<typeof loadConfig>;
type OpenLog = Awaited<ReturnType<typeof openLog>>;

/** Only the chosen ones are loaded. */
const ROLE_MODULES = {
  api: () => import('#roles/api.ts'),
  bots: () => import('#roles/bots.ts'),
  worker: () => import('#roles/worker.ts'),
  scanner: () => import('#roles/scanner.ts'),
  telegram: () => import('#roles/telegram.ts'),
} as const;
/** Closing may take this long; then the process ends all the same, and the next start recovers. */
const CLOSE_PATIENCE_MS = 15_000;
/** npm passes Ctrl+C on, so it arrives twice; only a later one means impatience. */
const ECHO_MS = 1_000;

const closing = new Closing();
let config: Config | null = null;
let output: OpenLog | null = null;
let stoppingSince: number | null = null;

function sayAndExit(message: string): never {
  process.stderr.write(`\nArgosy could not start: ${message}\n\n`);
  process.exit(1);
}

async function stop(exitCode: number): Promise<void> {
  const now = systemClock.now();
  if (stoppingSince !== null) {
    if (now - stoppingSince > ECHO_MS) process.exit(1);
    return;
  }
  stoppingSince = now;
  systemClock.after(CLOSE_PATIENCE_MS, () => {
    output?.log.error({ patienceMs: CLOSE_PATIENCE_MS }, 'closing takes too long; ending now, the next start recovers');
    process.exit(1);
  });
  if (output !== null) {
    output.log.info({}, 'stopping');
    await closing.run(output.log);
    output.log.info({}, 'stopped');
    await output.close();
  }
  process.exit(exitCode);
}

function onFault(error: unknown): void {
  output?.log.error({ err: error }, 'a fault that nothing has caught; ending, the next start recovers');
  void stop(1);
}

/** To `debug`, and back to what was configured. */
function switchLogLevel(): void {
  if (output === null || config === null) return;
  const wanted = output.level.get() === 'debug' ? config.logs.level : 'debug';
  output.level.set(wanted);
  output.log.warn({ level: wanted }, 'the log level was changed by a signal');
}

async function start(settings: Config, open: OpenLog): Promise<void> {
  const { log } = open;
  // The roles load while the database starts.
  const modules = settings.roles.map((role) => ({ role, loading: ROLE_MODULES[role]() }));
  const { openParts } = await import('#roles/_parts.ts');
  const parts = await openParts(settings, open, manifest.version, closing);
  await (await import('#roles/_monitor.ts')).startMonitor(parts, closing);
  const { startPresence } = await import('#roles/_presence.ts');
  const [api] = modules.filter(({ role }) => role === 'api');
  const address = (await (await api?.loading)?.start(parts, closing)) ?? null;
  startPresence(parts, closing);
  announce(settings, log, address, [...parts.venues.keys()]);
  // Bots are taken up after the way in is open: their venues may take a while to answer.
  for (const { role, loading } of modules) if (role !== 'api') await (await loading).start(parts, closing);
}

function announce(settings: Config, log: OpenLog['log'], address: string | null, venues: readonly string[]): void {
  const facts = { version: manifest.version, address, dataDirectory: settings.data.directory, venues };
  if (process.stdout.isTTY === true) process.stdout.write(welcomeScreen(facts, settings.language));
  log.info({ ...facts, roles: settings.roles, tookMs: Math.round(performance.now()) }, 'Argosy is ready');
}

process.on('SIGINT', () => void stop(0));
process.on('SIGTERM', () => void stop(0));
process.on('SIGHUP', () => void stop(0));
process.on('SIGUSR2', switchLogLevel);
process.on('uncaughtException', onFault);
process.on('unhandledRejection', onFault);
// Whoever read our output may have gone; that must not stop trading.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

try {
  config = loadConfig();
  const isTerminal = process.stdout.isTTY === true;
  output = await openLog({ ...config.logs, output: process.stdout, readableFrom: isTerminal ? (config.logs.isLevelGiven ? config.logs.level : 'warn') : null });
  await start(config, output);
} catch (error) {
  if (output !== null) {
    // A person at the terminal reads the paragraph below instead.
    output.log[process.stdout.isTTY === true ? 'info' : 'error']({ err: error }, 'could not start');
    await closing.run(output.log);
    await output.close();
  }
  sayAndExit(startFailure(error, config?.http ?? null));
}
