/** Walks the main job against a running server, through its public API only: `npm run demo`, with `--url`, `--symbol` and `--seconds` for other wishes; `--once` remembers no account. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type DemoAccount, newAccount, remember, rememberedAccount } from './demo-account.ts';
import {
  type Bot,
  type CreatedBot,
  DemoApi,
  DemoFailure,
  type Fill,
  type Item,
  type Order,
  type Page,
  type Session,
  type Stats,
  type Ticker,
} from './demo-api.ts';

/** Of the play money; orders large enough that what rounding to whole lots leaves over is small beside their profit. */
const INVESTMENT = '24000';
const LEVELS = 13;
/** The step between lines: fees take 0.2 % of it. */
const STEP = 0.003;
const LOOK_EVERY_MS = 500;
const PATIENCE_MS = 20_000;

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:8000' },
    symbol: { type: 'string', default: 'BTC/USDT' },
    seconds: { type: 'string', default: '45' },
    once: { type: 'boolean', default: false },
  },
});
const isTerminal = process.stdout.isTTY === true;
let isInterrupted = false;
// Ctrl+C ends the watching early; the bot is stopped all the same.
process.once('SIGINT', () => {
  isInterrupted = true;
});
// Whoever reads along may leave.
process.stdout.on('error', () => undefined);

try {
  await demo(new DemoApi(values.url), values.symbol, Number(values.seconds));
} catch (error) {
  if (!(error instanceof DemoFailure)) throw error;
  console.error(`\n${error.message}\n`);
  process.exitCode = 1;
}

async function demo(api: DemoApi, symbol: string, seconds: number): Promise<void> {
  const health = await api.get<{ readonly version: string }>('/health');
  say(`Argosy ${health.version} at ${api.url}. Everything below is play money on the paper exchange.`);
  await enter(api);
  const account = await api.post<Item>('/accounts', { name: 'Demo account', exchange: 'paper' });
  step('exchange account', 'added: paper, no keys needed');
  const bot = await createBot(api, account.id, symbol);
  await api.post(`/bots/${bot.id}/start`, {});
  await until(api, bot.id, 'running');
  step('bot', 'started');
  await watch(api, bot.id, seconds);
  await api.post(`/bots/${bot.id}/stop`, {});
  await until(api, bot.id, 'stopped');
  step('bot', 'stopped, its open orders are cancelled; what it holds stays on the account');
  report(await api.get<Stats>(`/bots/${bot.id}/stats`), api.url);
}

async function enter(api: DemoApi): Promise<void> {
  const known = values.once ? null : rememberedAccount(api.url);
  const session = known === null ? null : await logIn(api, known).catch(() => null);
  if (known !== null && session !== null) step('logged in', `as ${known.email}, the account of an earlier demo`);
  api.token = (session ?? (await register(api))).access_token;
}

async function register(api: DemoApi): Promise<Session> {
  const account = newAccount();
  const user = await api.post<{ readonly role: string }>('/auth/register', account);
  if (!values.once) remember(api.url, account);
  step('registered', `${account.email}, password ${account.password}`);
  // The first user of an installation is its owner, which a person who tries the demo should know.
  if (user.role === 'owner') step('note', 'this is the first user here and so the owner of the installation; keep the password');
  const session = await logIn(api, account);
  step('logged in', '');
  return session;
}

function logIn(api: DemoApi, account: DemoAccount): Promise<Session> {
  return api.post<Session>('/auth/login', account);
}

/** A grid around the present price: lines equally far apart, and far enough that every completed trade earns more than its fees. */
async function createBot(api: DemoApi, accountId: string, symbol: string): Promise<CreatedBot> {
  const ticker = await api.get<Ticker>(`/market/ticker?${new URLSearchParams({ exchange: 'paper', symbol })}`);
  step('price', `${symbol} ${ticker.bid} / ${ticker.ask}`);
  if (ticker.notice !== null) step('note', ticker.notice);
  const instruments = await api.get<Page<Item & { readonly symbol: string; readonly price_increment: string }>>(
    `/market/instruments?${new URLSearchParams({ exchange: 'paper', quote: symbol.split('/')[1] ?? '', limit: '200' })}`,
  );
  const increment = instruments.items.find((instrument) => instrument.symbol === symbol)?.price_increment ?? '0.01';
  const reach = 1 + (STEP * (LEVELS - 1)) / 2;
  const config = {
    lower_price: aligned(Number(ticker.bid) / reach, increment),
    upper_price: aligned(Number(ticker.ask) * reach, increment),
    levels: LEVELS,
    spacing: 'geometric',
    investment: INVESTMENT,
  };
  const sketch = { strategy: 'grid', symbol, mode: 'paper', account_id: accountId, config };
  const { preview } = await api.post<{ readonly preview: CreatedBot['preview'] }>('/bots/preview', sketch);
  step('preview', `${LEVELS} lines from ${config.lower_price} to ${config.upper_price}, ${INVESTMENT} ${symbol.split('/')[1]}`);
  const profit = preview?.figures['profit_per_grid'];
  if (typeof profit === 'object' && profit !== null && 'min_percent' in profit && 'max_percent' in profit)
    step('', `profit per completed trade after fees: ${profit.min_percent} to ${profit.max_percent} %`);
  const bot = await api.post<CreatedBot>('/bots', { name: 'Demo grid', ...sketch });
  step('bot', 'created');
  return bot;
}

/** Shows executions as they arrive, and the state of the bot on one line that is written again and again. */
async function watch(api: DemoApi, botId: string, seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000;
  const seen = new Set<string>();
  let placed = 0;
  while (performance.now() < end && !isInterrupted) {
    const [stats, fills, orders] = await Promise.all([
      api.get<Stats>(`/bots/${botId}/stats`),
      api.get<Page<Fill>>(`/bots/${botId}/fills?limit=200`),
      api.get<Page<Order>>(`/bots/${botId}/orders?limit=200`),
    ]);
    const open = orders.items.filter((order) => order.status === 'open' || order.status === 'partially_filled').length;
    if (placed === 0 && open > 0) say(`  ${'orders'.padEnd(17)} ${open} placed`);
    placed = Math.max(placed, open);
    for (const fill of fills.items.toReversed()) {
      if (seen.has(fill.trade_id)) continue;
      seen.add(fill.trade_id);
      say(
        `  ${fill.at.slice(11, 19).padEnd(17)} ${fill.side === 'buy' ? 'bought' : 'sold  '} ${fill.quantity} at ${fill.price}, fee ${fill.fee} ${fill.fee_asset}`,
      );
    }
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    if (isTerminal)
      process.stdout.write(
        `\r\u001b[K  ${stats.last_price ?? '-'}   ${open} open orders   ${stats.fill_count} fills   profit ${stats.total_profit} ${stats.quote_asset ?? ''}   ${left} s left`,
      );
    await sleep(LOOK_EVERY_MS);
  }
  if (isTerminal) process.stdout.write('\r\u001b[K');
}

async function until(api: DemoApi, botId: string, wanted: string): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const bot = await api.get<Bot>(`/bots/${botId}`);
    if (bot.status === wanted) return;
    if (bot.status === 'error') throw new DemoFailure(`The bot is in error: ${bot.status_reason}`);
    if (performance.now() > end)
      throw new DemoFailure(`The bot is ${bot.status} and does not become ${wanted}: ${bot.status_reason || 'look into the log of the server'}`);
    await sleep(LOOK_EVERY_MS);
  }
}

function report(stats: Stats, url: string): void {
  const quote = stats.quote_asset ?? '';
  say(`\n  Profit           ${stats.total_profit} ${quote} after ${stats.fees_total} ${quote} of fees`);
  say(`    realised       ${stats.realised_profit} ${quote}, from ${stats.fill_count} fills`);
  say(`    floating       ${stats.floating_profit} ${quote}, on ${stats.base_held} ${stats.base_asset ?? ''} held at ${stats.last_price ?? '-'}`);
  const { completed_trades: trades, grid_profit: gridProfit } = stats.figures;
  if (trades !== undefined && gridProfit !== undefined) say(`    grid           ${gridProfit} ${quote}, from ${trades} completed trades`);
  say(`\nThe bot, its orders and its tape are at ${url}/docs with the account above.`);
}

/** The nearest price on the increment, written with its decimals. */
function aligned(price: number, increment: string): string {
  const decimals = increment.split('.')[1]?.length ?? 0;
  return (Math.round(price / Number(increment)) * Number(increment)).toFixed(decimals);
}

function step(name: string, text: string): void {
  say(`  ${name.padEnd(17)} ${text}`);
}

function say(line: string): void {
  process.stdout.write(`${isTerminal ? '\r\u001b[K' : ''}${line}\n`);
}
