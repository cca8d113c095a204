/** Runs a strategy over a file of candles and prints what came of it: `npm run backtest -- --candles file.csv --symbol WLD/USDT --config '{"lower_price":"1",…}'`. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type BacktestResult, runBacktest } from '#app/backtest/backtest.ts';
import { type BacktestDocument, documentOf } from '#app/backtest/backtest-document.ts';
import { tableOf } from '#app/backtest/document-tables.ts';
import { backtestPage } from '#app/backtest/html/page.ts';
import { parseTrades } from '#app/backtest/trade-file.ts';
import { barsOfTrades } from '#app/backtest/trade-history.ts';
import type { VenueModel } from '#app/backtest/venue-model.ts';
import { legsWanted } from '#app/legs/leg-markets.ts';
import { assumeInstrument, toBars } from '#app/market/candle-bars.ts';
import { type Candles, parseCandles } from '#app/market/candles.ts';
import { replay } from '#app/run/tape.ts';
import { AppError } from '#core/errors.ts';
import { CANDLE_INTERVALS, type CandleInterval } from '#core/market-data.ts';
import type { LegWish, Strategy } from '#core/strategy.ts';
import { STRATEGIES } from '#strategies/index.gen.ts';
import { candlesOnDisk } from './disk-candles.ts';
import { printLegs, runLegsFrom } from './legs-run.ts';
import { percent, round } from './result-lines.ts';
import { asker, serverCandles } from './server-candles.ts';

const USAGE = `npm run backtest -- --candles <file.csv> --symbol <BASE/QUOTE> --config '<settings as JSON>'

  --exchange <id> --interval <1m|5m|15m|30m|1h|4h|1d> [--from <time>] [--to <time>]
                            in place of --candles: take them from the history on this disk (npm run argosy -- data download)
  --token <access token> [--server <url>]
                            with these from the exchange itself, through a running server (http://127.0.0.1:8000); --from is needed
  --strategy <name>         the strategy (grid)
  --leg-candles <BASE/QUOTE>=<file.csv>   with --candles: the file of another instrument that the strategy trades; once for each
  --gaps refuse|fill|skip   what to do where candles are missing (refuse)
  --fee <rate>              fee of both sides, such as 0.001 (0.001)
  --fee-asset received|quote|other   which coin the fee is taken in (received)
  --price-increment <p>, --size-increment <s>, --min-notional <n>   of the first instrument (as fine as the file; 5)
  --slippage <share>, --half-spread <ticks>, --latency <ms>, --volume-share <share>, --fill-rule touch|through|queue, --queue-share <share>
  --funding-rate <rate>     of a perpetual: the rate of every settlement, paid by longs where positive (0)
  --trades <file.csv>       every trade of the market, in place of candles: timestamp,price,size
  --lots fifo|lifo          which purchase a sale closes in the list of trades (fifo)
  --html <file>, --csv <folder>   write the report as a page, and its lists as tables; --language en|ru (en)
  --tape <file>             replay the run from its tape, and write the tape, one JSON line a step
  --json                    print everything as JSON
`;

const OPTIONS = {
  candles: { type: 'string' },
  'leg-candles': { type: 'string', multiple: true, default: [] as string[] },
  exchange: { type: 'string' },
  interval: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  token: { type: 'string' },
  server: { type: 'string', default: 'http://127.0.0.1:8000' },
  symbol: { type: 'string' },
  config: { type: 'string' },
  strategy: { type: 'string', default: 'grid' },
  gaps: { type: 'string', default: 'refuse' },
  fee: { type: 'string', default: '0.001' },
  'fee-asset': { type: 'string', default: 'received' },
  'price-increment': { type: 'string' },
  'size-increment': { type: 'string' },
  'min-notional': { type: 'string' },
  slippage: { type: 'string', default: '0' },
  'half-spread': { type: 'string', default: '0' },
  latency: { type: 'string', default: '0' },
  'volume-share': { type: 'string' },
  'fill-rule': { type: 'string', default: 'touch' },
  'queue-share': { type: 'string' },
  'funding-rate': { type: 'string' },
  trades: { type: 'string' },
  lots: { type: 'string', default: 'fifo' },
  html: { type: 'string' },
  csv: { type: 'string' },
  language: { type: 'string', default: 'en' },
  tape: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

class UsageError extends Error {}

function readOptions() {
  const { values } = parseArgs({ options: OPTIONS, strict: true });
  const { candles, exchange, trades, symbol, config } = values;
  const sources = [candles, exchange, trades].filter((source) => source !== undefined).length;
  if (values.help || sources !== 1 || symbol === undefined || config === undefined)
    throw new UsageError(values.help ? '' : 'One of --candles, --exchange and --trades is needed, and --symbol and --config.\n');
  return { ...values, symbol, config };
}

async function readCandles({ candles, symbol, exchange, interval, from, to, token, server, ...rest }: ReturnType<typeof readOptions>): Promise<Candles> {
  const gaps = oneOf('gaps', rest.gaps, ['refuse', 'fill', 'skip']);
  if (candles !== undefined) return parseCandles(readFileSync(candles, 'utf8'), { gaps });
  if (exchange === undefined || interval === undefined) throw new UsageError('--exchange needs --interval.\n');
  if (token === undefined) return candlesOnDisk({ exchange, symbol, interval, from, to, gaps });
  if (from === undefined) throw new UsageError('--token needs --from.\n');
  const length = oneOf('interval', interval, Object.keys(CANDLE_INTERVALS) as CandleInterval[]);
  return serverCandles(asker(server, token), { exchange, symbol, interval: length, from, to, gaps });
}

function oneOf<const Choice extends string>(name: string, value: string, choices: readonly Choice[]): Choice {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw new UsageError(`--${name} must be one of ${choices.join(', ')}, got ${value}\n`);
  return found;
}

function numberOf(name: string, value: string): number {
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number) || number < 0) throw new UsageError(`--${name} must be a number of 0 or more, got ${value}\n`);
  return number;
}

function rateOf(value: string): number {
  const rate = Number(value);
  if (value.trim() === '' || !Number.isFinite(rate)) throw new UsageError(`--funding-rate must be a rate such as 0.0001, got ${value}\n`);
  return rate;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`--config is not JSON: ${cause instanceof Error ? cause.message : String(cause)}\n`);
  }
}

async function main(): Promise<void> {
  const options = readOptions();
  const strategy = STRATEGIES.find((each) => each.name === options.strategy);
  if (strategy === undefined) throw new UsageError(`There is no strategy ${options.strategy}; known are ${STRATEGIES.map((each) => each.name).join(', ')}.\n`);
  const config = jsonOf(options.config);
  const others = legsWanted(strategy, config, options.symbol);
  if (others.length > 0) return await runSeveral(strategy, config, others, options);
  if (options['leg-candles'].length > 0) throw new UsageError(`--leg-candles is for strategies that trade several instruments; ${strategy.name} trades one.\n`);
  const { instrument, bars, trades, notes } = await readHistory(options);
  const venue = venueOf(options);
  const wantsDocument = options.html !== undefined || options.csv !== undefined;
  const startedAt = performance.now();
  const result = runBacktest({
    ...{ strategy, config, instrument, bars, venue, keepTape: options.tape !== undefined, keepLedger: wantsDocument },
    ...(trades === undefined ? {} : { trades }),
  });
  const seconds = (performance.now() - startedAt) / 1_000;
  if (options.json) console.log(JSON.stringify({ ...result, setup: undefined, tape: undefined, ledger: undefined, seconds }, null, 2));
  else print(result, { seconds, quote: instrument.quote, notes });
  if (wantsDocument) {
    const history = trades === undefined ? 'candles' : 'trades';
    const warnings = notes.map((note) => ({ en: note, ru: note }));
    writeDocument(
      documentOf({ strategy, config, instrument, bars, venue, lots: oneOf('lots', options.lots, ['fifo', 'lifo']), history, warmUpBars: 0, warnings }, result),
      options,
    );
  }
  if (options.tape !== undefined) checkTape(result, options.tape);
}

/** A strategy that trades several instruments, with the candles of each. */
async function runSeveral(strategy: Strategy, config: unknown, others: readonly LegWish[], options: Options): Promise<void> {
  if (options.trades !== undefined) throw new UsageError('--trades is not available for strategies that trade several instruments.\n');
  const files = legFiles(options['leg-candles'], others);
  const first = await readHistory(options);
  const legs = [];
  for (const { symbol } of others) {
    const file = files.get(symbol);
    if (options.candles !== undefined && file === undefined)
      throw new UsageError(`${strategy.name} trades ${symbol} too: --leg-candles ${symbol}=<file.csv>.\n`);
    legs.push(await readHistory(optionsOf(options, symbol, file)));
  }
  const { result, document, seconds } = runLegsFrom([first, ...legs], {
    ...{ strategy, config, venue: venueOf(options), lots: oneOf('lots', options.lots, ['fifo', 'lifo']), keepTape: options.tape !== undefined },
  });
  if (options.json) console.log(JSON.stringify({ ...document, seconds }, null, 2));
  else printLegs(document, seconds);
  writeDocument(document, options);
  if (options.tape !== undefined) checkTape(result, options.tape);
}

/** For another instrument, whose increments are not those of the first. */
function optionsOf(options: Options, symbol: string, candles: string | undefined): Options {
  const { 'price-increment': _price, 'size-increment': _size, 'min-notional': _notional, candles: _candles, ...rest } = options;
  return { ...rest, symbol, ...(candles === undefined ? {} : { candles }) };
}

/** Files of candles by symbol. */
function legFiles(given: readonly string[], others: readonly LegWish[]): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const each of given) {
    const [symbol = '', file = ''] = each.split(/=(.*)/s);
    if (!others.some((other) => other.symbol === symbol) || file === '' || files.has(symbol))
      throw new UsageError(`--leg-candles must be <symbol>=<file.csv>, once for each of ${others.map((other) => other.symbol).join(', ')}, got ${each}\n`);
    files.set(symbol, file);
  }
  return files;
}

type Options = ReturnType<typeof readOptions>;

async function readHistory(options: Options) {
  const { fee, 'price-increment': priceIncrement, 'size-increment': sizeIncrement, 'min-notional': minNotional } = options;
  const assumed = {
    symbol: options.symbol,
    makerFeeRate: fee,
    ...(priceIncrement === undefined ? {} : { priceIncrement }),
    ...(sizeIncrement === undefined ? {} : { sizeIncrement }),
    ...(minNotional === undefined ? {} : { minNotional }),
  };
  if (options.trades !== undefined) {
    if (priceIncrement === undefined || sizeIncrement === undefined) throw new UsageError('--trades needs --price-increment and --size-increment.\n');
    const nothing = { length: 0, intervalMs: 60_000, startAt: new Float64Array(), open: [], high: [], low: [], close: [], volume: [], missing: 0 };
    const instrument = assumeInstrument(nothing, assumed);
    const trades = parseTrades(readFileSync(options.trades, 'utf8'), instrument);
    const { bars, firstTrades } = barsOfTrades(trades, nothing.intervalMs);
    return { instrument, bars, trades: { trades, firstTrades }, notes: [] };
  }
  const candles = await readCandles(options);
  const instrument = assumeInstrument(candles, assumed);
  const { bars, roundedPrices } = toBars(candles, instrument);
  const notes = [
    ...(roundedPrices > 0 ? [`${roundedPrices} prices were rounded to ${instrument.priceIncrement}`] : []),
    ...(candles.missing > 0 ? [`${candles.missing} candles are missing (gaps: ${options.gaps})`] : []),
  ];
  return { instrument, bars, trades: undefined, notes };
}

function venueOf(options: Options): VenueModel {
  const { 'volume-share': volumeShare, 'queue-share': queueShare, 'funding-rate': fundingRate } = options;
  return {
    feeAsset: oneOf('fee-asset', options['fee-asset'], ['received', 'quote', 'other']),
    fillRule: oneOf('fill-rule', options['fill-rule'], ['touch', 'through', 'queue']),
    slippage: numberOf('slippage', options.slippage),
    halfSpreadTicks: numberOf('half-spread', options['half-spread']),
    latencyMs: numberOf('latency', options.latency),
    ...(volumeShare === undefined ? {} : { volumeShare: numberOf('volume-share', volumeShare) }),
    ...(queueShare === undefined ? {} : { queueShare: numberOf('queue-share', queueShare) }),
    ...(fundingRate === undefined ? {} : { funding: { rate: rateOf(fundingRate) } }),
  };
}

function writeDocument(document: BacktestDocument, { html, csv, language }: Options): void {
  if (html !== undefined) {
    writeFileSync(html, backtestPage(document, oneOf('language', language, ['en', 'ru'])));
    console.log(`${'report'.padEnd(22)}written to ${html}`);
  }
  if (csv === undefined) return;
  mkdirSync(csv, { recursive: true });
  for (const name of ['trades', 'orders', 'fills', 'equity'] as const) writeFileSync(join(csv, `${name}.csv`), tableOf(document, name));
  console.log(`${'tables'.padEnd(22)}written to ${csv}`);
}

function print(result: BacktestResult, about: { readonly seconds: number; readonly quote: string; readonly notes: readonly string[] }): void {
  const { quote } = about;
  const line = (name: string, text: string) => console.log(`${name.padEnd(22)}${text}`);
  line('candles', `${result.bars} from ${new Date(result.startedAt).toISOString()} to ${new Date(result.endedAt).toISOString()}`);
  if (result.endReason !== '') line('ended early', result.endReason);
  line('trades', `${result.trades.count} (${result.trades.buys} buys, ${result.trades.sells} sells)`);
  line(
    'orders',
    `${result.orders.placed} placed, ${result.orders.denied} denied, ${result.orders.cancelled} cancelled, ${result.orders.rejected} rejected, ${result.orders.expired} expired`,
  );
  line('fees', `${result.fees} ${quote}`);
  line('profit', `${result.profit} ${quote} (${percent(result.profitShare)}) on ${result.capital} ${quote}`);
  line('  realised, floating', `${result.realised}, ${result.floating} ${quote}`);
  for (const [name, value] of Object.entries(result.figures)) if (value !== null) line(`  ${name}`, String(value));
  line('buy and hold', percent(result.holdShare));
  line('max drawdown', `${percent(result.drawdown.share)} (${result.drawdown.amount} ${quote})`);
  line('sharpe, sortino', `${round(result.sharpe)}, ${round(result.sortino)} (daily, a year of 365.25 days, no risk-free rate)`);
  line('speed', `${Math.round(result.bars / about.seconds).toLocaleString('en')} candles/s in this one cold run (${(about.seconds * 1_000).toFixed(1)} ms)`);
  for (const note of about.notes) line('note', note);
  for (const note of result.notes.slice(0, 10)) line('note', `${new Date(note.at).toISOString()} ${note.text}`);
  const more = result.notes.length - 10 + result.notesDropped;
  if (more > 0) line('note', `and ${more} more`);
}

function checkTape(result: Pick<BacktestResult, 'setup' | 'tape'>, path: string): void {
  const difference = replay(result.setup, result.tape);
  if (difference !== null) throw new Error(`the tape does not replay: entry ${difference.sequence} ${difference.problem}`);
  writeFileSync(path, result.tape.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  console.log(`${'tape'.padEnd(22)}${result.tape.length} entries replay to identical commands; written to ${path}`);
}

try {
  await main();
} catch (error) {
  const isExpected = error instanceof AppError || error instanceof UsageError || (error instanceof Error && 'code' in error);
  if (!isExpected) throw error;
  const { message } = error;
  if (error instanceof UsageError) console.error(`${message}${USAGE}`);
  else console.error(error instanceof AppError ? `${error.code}: ${message}` : message);
  process.exitCode = 1;
}
