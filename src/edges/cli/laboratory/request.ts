/** What is typed after `argosy backtest run` and `argosy optimise run`, as the API takes it, and its refusals in words of what was typed. */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { timeOf } from '#app/history/series.ts';
import { AppError } from '#core/errors.ts';
import type { Issue } from '#core/params.ts';
import type { CliCommand } from '../command.ts';
import { JSON_OUTPUT, type Options, textOf } from '../history/arguments.ts';
import { readGiven } from '../history/read-given.ts';
import type { Operator, UserApi } from '../operator.ts';

type CliOption = NonNullable<CliCommand['options']>[number];
export type Plain = Readonly<Record<string, unknown>>;

const USER: CliOption = { flags: '--user <e-mail>', help: { en: 'in whose name; the owner if left out', ru: 'от чьего имени; по умолчанию владелец' } };
/** Of every command of the laboratory. */
export const COMMON_OPTIONS: readonly CliOption[] = [USER, JSON_OUTPUT];

/** Of every command that asks for a run. */
export const RUN_OPTIONS: readonly CliOption[] = [
  { flags: '-e, --exchange <id>', help: { en: 'whose instrument it is, and whose candles', ru: 'чей инструмент и чьи свечи' } },
  { flags: '-s, --symbol <symbol>', help: { en: 'what to trade, such as BTC/USDT', ru: 'чем торговать, например BTC/USDT' } },
  { flags: '-i, --interval <length>', help: { en: 'length of the candles, such as 1h', ru: 'длина свечей, например 1h' } },
  { flags: '--from <time>', help: { en: 'from then on, such as 2024-01-01', ru: 'начиная с, например 2024-01-01' } },
  { flags: '--to <time>', help: { en: 'before then; now if left out', ru: 'до этого времени; по умолчанию сейчас' } },
  { flags: '--from-trades', help: { en: 'over the trades of the history', ru: 'по сделкам из истории' } },
  { flags: '--candles <file>', help: { en: 'a CSV file of candles in place of these', ru: 'вместо этого файл свечей CSV' } },
  {
    flags: '--leg-candles <symbol=file...>',
    help: { en: 'with --candles: the file of each other instrument', ru: 'вместе с --candles: файлы остальных инструментов' },
  },
  { flags: '-c, --config <json>', help: { en: 'settings as JSON, or a file of them', ru: 'настройки в JSON или файл с ними' } },
  { flags: '--set <name=value...>', help: { en: 'single settings', ru: 'отдельные настройки' } },
  { flags: '--model <name=value...>', help: { en: 'the exchange as assumed, such as slippage=0.0005', ru: 'допущения о бирже, например slippage=0.0005' } },
  { flags: '--gaps <rule>', help: { en: 'fill, skip or refuse missing candles', ru: 'пропуски свечей: fill, skip или refuse' } },
  { flags: '--lots <rule>', help: { en: 'fifo or lifo: which purchase a sale closes', ru: 'fifo или lifo: какую покупку закрывает продажа' } },
  { flags: '--name <name>', help: { en: 'your own name for it', ru: 'название' } },
  { flags: '--detach', help: { en: 'do not wait for the end', ru: 'не ждать окончания' } },
];

/** The body of what both are asked for by. Files of candles are uploaded; one that is there already is taken. Throws AppError `validation_failed`. */
export async function runBody(operator: Operator, api: UserApi, strategy: unknown, options: Options): Promise<Plain> {
  const candles = textOf(options, 'candles');
  const legs = pairsOf('--leg-candles', options['legCandles']);
  const timed = (name: 'from' | 'to') => {
    const text = textOf(options, name);
    return text === undefined ? undefined : new Date(timeOf(`--${name}`, text)).toISOString();
  };
  const legIds: [string, string][] = [];
  for (const [symbol, path] of legs) legIds.push([symbol, await datasetOf(operator, api, path)]);
  return present({
    name: textOf(options, 'name'),
    strategy: String(strategy),
    config: { ...(await configOf(textOf(options, 'config'))), ...valuesOf('--set', options['set']) },
    exchange: textOf(options, 'exchange'),
    symbol: textOf(options, 'symbol'),
    interval: textOf(options, 'interval'),
    from: timed('from'),
    to: timed('to'),
    dataset_id: candles === undefined ? undefined : await datasetOf(operator, api, candles),
    leg_datasets: legs.length === 0 ? undefined : Object.fromEntries(legIds),
    from_trades: options['fromTrades'],
    gaps: textOf(options, 'gaps'),
    lots: textOf(options, 'lots'),
    models: options['model'] === undefined ? undefined : valuesOf('--model', options['model']),
  });
}

/** `name=value` pairs, values as JSON where they are and as text where not. Throws AppError `validation_failed`. */
export function valuesOf(flag: string, given: unknown): Plain {
  return Object.fromEntries(pairsOf(flag, given).map(([name, value]) => [name, plainValue(value)]));
}

/** Throws AppError `validation_failed`. */
export function pairsOf(flag: string, given: unknown): readonly (readonly [string, string])[] {
  return (Array.isArray(given) ? given.map(String) : []).map((pair) => {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
    if (name === undefined || value === undefined) throw fault(flag, `takes name=value, not ${JSON.stringify(pair.slice(0, 60))}`);
    return [name, value];
  });
}

/** A number, true, false, null, or a text. */
export function plainValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A number that was typed. Throws AppError `validation_failed`. */
export function numberOf(options: Options, key: string, flag: string): number | undefined {
  const text = textOf(options, key);
  if (text === undefined) return undefined;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isFinite(value)) return value;
  throw fault(flag, `must be a number, not ${JSON.stringify(text.slice(0, 40))}`);
}

/** Without what was not given. */
export function present(fields: Plain): Plain {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

export function fault(field: string, message: string): AppError {
  return new AppError('validation_failed', `${field} ${message}`, [{ field, message }]);
}

const GROUPS: Readonly<Record<string, string>> = { config: '--set', models: '--model', ranges: '--range', leg_datasets: '--leg-candles' };
const NAMES: Readonly<Record<string, string>> = { dataset_id: '--candles', account_id: '--account', objectives: '--objective' };

/** Runs work of which the API may refuse what was typed; the refusal then names options, not fields. */
export async function inOptions<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AppError) || error.issues.length === 0) throw error;
    const issues = error.issues.map(({ field, message }): Issue => ({ field: optionOf(field), message: message.replaceAll('dataset_id', '--candles') }));
    throw new AppError(error.code, issues.map(({ field, message }) => `${field} ${message}`).join('; '), issues);
  }
}

function optionOf(field: string): string {
  if (field.startsWith('-')) return field;
  const [head = '', ...rest] = field.split('.');
  const group = GROUPS[head];
  return group === undefined ? (NAMES[head] ?? `--${head.replaceAll('_', '-')}`) : [group, ...(rest.length === 0 ? [] : [rest.join('.')])].join(' ');
}

async function configOf(text: string | undefined): Promise<Plain> {
  if (text === undefined) return {};
  const json = text.trimStart().startsWith('{') ? text : new TextDecoder().decode(await readGiven(text, false));
  const value = plainValue(json);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Plain;
  throw fault('--config', 'must be settings as JSON such as {"investment": 1000}, or a file of them');
}

/** The file among those that are there, by its name and what is in it; uploaded where it is not. */
async function datasetOf(operator: Operator, api: UserApi, path: string): Promise<string> {
  const bytes = await readGiven(path, path.endsWith('.gz'));
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
  const name = `${basename(path).slice(0, 60)} ${hash}`;
  const { items } = (await api.ask('GET', '/datasets?limit=200')) as { readonly items: readonly { readonly id: string; readonly name: string }[] };
  const known = items.find((each) => each.name === name);
  if (known !== undefined) return known.id;
  operator.log.info({ path, bytes: bytes.byteLength }, 'a file of candles is uploaded');
  const made = (await api.send(`/datasets?name=${encodeURIComponent(name)}`, 'text/csv', new TextDecoder().decode(bytes))) as { readonly id: string };
  return made.id;
}
