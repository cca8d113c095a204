/**
 * Installs what is missing before a script runs, so that `npm start` and `npm test` are all a fresh machine needs.
 * Plain JavaScript for Node 20, because the Node that runs the product is itself one of the packages installed here.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const OLDEST_NODE = 20;
const RUNTIME_NODE = 26;
const OFFLINE = /ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|ENOTCACHED|EHOSTUNREACH/;

/**
 * Names the first package of the lock file that is not installed as locked, or `null` when nothing is missing.
 * `locked` and `installed` are the `packages` tables of the two lock files; development packages count only when asked for.
 */
export function firstMissing(locked, installed, options) {
  // A development package that some other package would merely like to have is marked as optional; we have asked for it.
  const wanted = options.withDevelopment ? (locked['']?.devDependencies ?? {}) : {};
  for (const [path, entry] of Object.entries(locked)) {
    if (path === '' || entry.link || entry.extraneous || (entry.dev && !options.withDevelopment)) continue;
    const present = installed[path];
    // npm leaves out what another platform needs and what nobody asked for; what is made for this machine must be there.
    if (present === undefined && entry.optional && !isMadeFor(entry, options)) continue;
    if (present === undefined && (entry.peer || entry.devOptional) && !Object.hasOwn(wanted, path.replace(/^node_modules\//, ''))) continue;
    if (present === undefined || present.version !== entry.version) return path.replace(/^.*node_modules\//, '');
  }
  return null;
}

/** What went wrong in words, from the output of a failed `npm ci`. */
export function explainFailure(output) {
  if (OFFLINE.test(output)) return 'The npm registry cannot be reached. Check the network (or the proxy in `npm config get proxy`) and run the command again.';
  if (/ENOSPC/.test(output)) return 'The disk is full. Free about 1 GB and run the command again.';
  if (/EACCES|EPERM|EROFS/.test(output))
    return 'npm may not write to this folder. Give your user the right to write here, or copy the project to a folder of your own.';
  if (/EUSAGE|can only install packages when/.test(output)) return 'package.json and package-lock.json do not match. Restore both from version control.';
  return `npm could not install the packages. It said:\n\n${output.trim()}`;
}

function isMadeFor(entry, { platform, architecture }) {
  if (!entry.os || !entry.cpu || entry.libc) return false;
  return [entry.os].flat().includes(platform) && [entry.cpu].flat().includes(architecture);
}

function isInstalled(withDevelopment) {
  const hidden = join(ROOT, 'node_modules', '.package-lock.json');
  if (!existsSync(hidden) || !existsSync(join(ROOT, 'node_modules', '.bin', 'node'))) return false;
  const locked = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(hidden, 'utf8')).packages;
  return firstMissing(locked, installed, { withDevelopment, platform: process.platform, architecture: process.arch }) === null;
}

function fail(message) {
  process.stderr.write(`\n${message}\n\n`);
  process.exit(1);
}

/** Runs `npm ci` with the npm that started us, showing one line; resolves with its exit code and what it printed. */
function runNpmCi() {
  const npm = process.env.npm_execpath;
  const options = ['ci', '--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error', '--no-update-notifier'];
  const command = npm ? process.env.npm_node_execpath || process.execPath : 'npm';
  const child = spawn(command, npm ? [npm, ...options] : options, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const keep = (chunk) => {
    output = (output + chunk).slice(-20_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: 1, output: String(error) }));
    child.on('close', (code) => resolve({ code: code === null ? 1 : code, output }));
  });
}

async function install() {
  const began = Date.now();
  const seconds = () => Math.round((Date.now() - began) / 1000);
  const line = 'Installing the packages Argosy needs (once, about half a minute)';
  const isTerminal = process.stdout.isTTY === true;
  process.stdout.write(isTerminal ? `${line} …` : `${line} …\n`);
  const ticker = isTerminal ? setInterval(() => process.stdout.write(`\r${line} … ${seconds()} s`), 1000) : null;
  const { code, output } = await runNpmCi();
  if (ticker) clearInterval(ticker);
  if (code !== 0) fail(explainFailure(output));
  process.stdout.write(isTerminal ? `\r${line} … done in ${seconds()} s\n` : `Installed in ${seconds()} s.\n`);
}

/** The packaged Node must be there and run here; otherwise scripts would silently fall back to the machine's own. */
function checkRuntime() {
  const node = join(ROOT, 'node_modules', '.bin', 'node');
  const where = `${process.platform}-${process.arch}`;
  if (!existsSync(node)) fail(`There is no packaged Node ${RUNTIME_NODE} for this machine (${where}). Argosy runs on Linux x64 and arm64 and on macOS arm64.`);
  const version = spawnSync(node, ['--version'], { encoding: 'utf8' });
  if (version.status === 0 && version.stdout.startsWith(`v${RUNTIME_NODE}.`)) return;
  const answer = (version.stdout || version.stderr || String(version.error)).trim();
  fail(`The packaged Node ${RUNTIME_NODE} does not run on this machine (${where}): ${answer}. It needs glibc 2.28 or newer; Alpine Linux will not do.`);
}

async function main() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < OLDEST_NODE)
    fail(
      `Argosy needs Node ${OLDEST_NODE} or newer to install itself; this is Node ${process.versions.node}. Install a newer one from nodejs.org and run the command again.`,
    );
  if (isInstalled(process.argv.includes('--with-development'))) return;
  await install();
  checkRuntime();
}

if (import.meta.url === pathToFileURL(process.argv[1] || '').href) await main();
