/** `argosy backtest run|list|show|compare`: backtests from the command line. */
import { type CliCommand, speaker } from '../command.ts';
import { type Options, textOf } from '../history/arguments.ts';
import type { Operator, UserApi } from '../operator.ts';
import { listOf, tableOf } from '../table.ts';
import { figureRows, percent } from './figures.ts';
import { COMMON_OPTIONS, fault, inOptions, type Plain, RUN_OPTIONS, runBody } from './request.ts';
import { verdictOn, watch } from './watching.ts';

export interface BacktestItem {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly progress: number;
  readonly strategy: string;
  readonly strategy_version: number;
  readonly exchange: string;
  readonly symbol: string;
  readonly interval: string | null;
  readonly failure: string;
  readonly figures: Plain | null;
  readonly created_at: string;
}

/** How many of a list are shown. */
const SHOWN = 50;

export const runBacktest: CliCommand = {
  usage: 'run <strategy>',
  summary: { en: 'compute a backtest and wait for it', ru: 'рассчитать бэктест и дождаться результата' },
  options: [...RUN_OPTIONS, ...COMMON_OPTIONS],
  run: (operator, [strategy], options) =>
    inName(operator, options, async (api) => {
      const isJson = options['json'] === true;
      const made = (await inOptions(async () => api.ask('POST', '/backtests', await runBody(operator, api, strategy, options)))) as BacktestItem;
      const isLeft = options['detach'] === true && !api.isAlone;
      const ended = isLeft ? made : await waitFor(operator, api, made, isJson);
      return tell(operator, ended, isJson, isLeft);
    }),
};

export const listBacktests: CliCommand = {
  usage: 'list',
  summary: { en: 'your backtests, newest first', ru: 'ваши бэктесты, сначала новые' },
  options: COMMON_OPTIONS,
  run: (operator, _args, options) =>
    inName(operator, options, async (api) => {
      const { items } = (await api.ask('GET', `/backtests?limit=${SHOWN}`)) as { readonly items: readonly BacktestItem[] };
      return printList(operator, options, items, {
        head: ['id', 'name', 'strategy', 'symbol', 'state', 'profit', 'drawdown'],
        row: ({ id, name, strategy, symbol, state, figures }) => [
          id,
          name,
          strategy,
          symbol,
          state,
          percent(figures?.['profit_share']),
          percent(figures?.['drawdown_share']),
        ],
      });
    }),
};

export const showBacktest: CliCommand = {
  usage: 'show <id>',
  summary: { en: 'how far a backtest is, and its figures', ru: 'состояние бэктеста и его показатели' },
  options: COMMON_OPTIONS,
  run: (operator, [id], options) =>
    inName(operator, options, async (api) => {
      const item = (await api.ask('GET', `/backtests/${idOf(id)}`)) as BacktestItem;
      return tell(operator, item, options['json'] === true, true);
    }),
};

export const compareBacktests: CliCommand = {
  usage: 'compare <ids...>',
  summary: { en: 'backtests side by side, with the settings that differ', ru: 'сравнить бэктесты и их настройки' },
  options: COMMON_OPTIONS,
  run: (operator, [given], options) =>
    inName(operator, options, async (api) => {
      const ids = [given ?? []].flat().flatMap((text) => text.split(','));
      if (ids.length < 2) throw fault('ids', 'must be two or more, as argosy backtest list tells them');
      const compared = (await api.ask('GET', `/backtests/compare?ids=${encodeURIComponent(ids.join())}`)) as {
        readonly items: readonly BacktestItem[];
        readonly differences: readonly { readonly setting: string; readonly values: readonly unknown[] }[];
      };
      if (options['json'] === true) operator.terminal.print(JSON.stringify(compared, null, 2));
      else {
        const { items, differences } = compared;
        const rows = [
          ...figureRows(
            items.map(({ figures }) => figures),
            operator.language,
          ),
          ...differences.map(({ setting, values }) => [setting, ...values.map((value) => (value === null ? '-' : String(value)))]),
        ];
        operator.terminal.print(tableOf(['', ...items.map(({ id, name }) => `${name} ${id.slice(-6)}`)], rows, operator.terminal.isInteractive));
      }
      return 0;
    }),
};

/** The work in the name of whoever is meant by `--user`. */
export function inName(operator: Operator, options: Options, work: (api: UserApi) => Promise<number>): Promise<number> {
  return operator.asUser(textOf(options, 'user'), work);
}

/** An id that was typed, fit for a path. */
export function idOf(given: string | readonly string[] | undefined): string {
  return encodeURIComponent(String(given));
}

/** Rows of a list, or the list as JSON. */
export function printList<Item>(
  { terminal, ...operator }: Operator,
  options: Options,
  items: readonly Item[],
  { head, row }: { readonly head: readonly string[]; readonly row: (item: Item) => readonly string[] },
): number {
  const say = speaker({ ...operator, terminal });
  if (options['json'] === true) terminal.print(JSON.stringify(items, null, 2));
  else if (items.length === 0) terminal.print(say('There are none yet.', 'Пока ничего нет.'));
  else terminal.print(tableOf(head, items.map(row), terminal.isInteractive));
  return 0;
}

function waitFor(operator: Operator, api: UserApi, { id, name, strategy, symbol }: BacktestItem, isSilent: boolean): Promise<BacktestItem> {
  return watch(
    operator,
    {
      title: `${name}: ${strategy} ${symbol} (${id})`,
      look: async () => (await api.ask('GET', `/backtests/${id}`)) as BacktestItem,
      share: ({ progress }) => progress,
      interrupt: () => api.ask('POST', `/backtests/${id}/cancel`),
    },
    isSilent,
  );
}

/** `isLook` where one that is not over is no failure. */
function tell(operator: Operator, item: BacktestItem, isJson: boolean, isLook: boolean): number {
  const { terminal, language } = operator;
  const isGoingOn = isLook && (item.state === 'waiting' || item.state === 'running');
  if (isJson) {
    terminal.print(JSON.stringify(item, null, 2));
    return item.state === 'done' || isGoingOn ? 0 : 1;
  }
  const { id, state, progress, exchange, symbol, interval, strategy, strategy_version: version, figures } = item;
  const say = speaker(operator);
  const about = [
    ['id', id],
    [say('strategy', 'стратегия'), `${strategy} ${version}, ${exchange} ${symbol}${interval === null ? '' : ` ${interval}`}`],
    [say('state', 'состояние'), isGoingOn ? `${state} ${percent(progress)}` : state],
  ] as const;
  terminal.print(listOf([...about, ...(figures === null ? [] : figureRows([figures], language).map(([name = '', value = '']) => [name, value] as const))]));
  return isGoingOn ? 0 : verdictOn(operator, item);
}
