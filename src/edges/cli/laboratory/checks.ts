/** `argosy check …`: how far a backtest can be believed. */
import { type CliCommand, speaker } from '../command.ts';
import type { Options } from '../history/arguments.ts';
import type { Operator, UserApi } from '../operator.ts';
import { listOf, tableOf } from '../table.ts';
import { idOf, inName, printList } from './backtests.ts';
import { percent, ratio } from './figures.ts';
import { COMMON_OPTIONS, inOptions, numberOf, type Plain, present } from './request.ts';
import { SEARCH_OPTIONS, searchBody } from './search-options.ts';
import { verdictOn, watch } from './watching.ts';

interface CheckItem {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly progress: number;
  readonly result: Plain | null;
  readonly failure: string;
  readonly created_at: string;
}

/** Prints what was found; the exit code. */
type Telling = (operator: Operator, result: Plain) => number;

const lookAhead = checking('look-ahead', {
  summary: { en: 'whether the strategy knows what it cannot', ru: 'не заглядывает ли стратегия в будущее' },
  tell: (operator, { decisions, cuts, findings }) => {
    const say = speaker(operator);
    const found = findings as readonly Plain[];
    operator.terminal.print(
      listOf([
        [say('decisions', 'решений'), String(decisions)],
        [say('shorter histories', 'укороченных историй'), String(cuts)],
        [say('differences', 'расхождений'), String(found.length)],
      ]),
    );
    for (const { bar, at, whole, cut } of found)
      operator.terminal.print(`${new Date(Number(at)).toISOString()} (${say('bar', 'бар')} ${String(bar)}): ${String(whole)} / ${String(cut)}`);
    return found.length === 0 ? 0 : 1;
  },
});

const recursion = checking('recursion', {
  summary: { en: 'how long its figures depend on where the history began', ru: 'как долго показатели зависят от начала истории' },
  tell: (operator, { warm_up: warmUp, figures, other_turns: turns }) => {
    const say = speaker(operator);
    const shown = (value: unknown): string => (value === null ? say('never', 'никогда') : String(value));
    const rows = (figures as readonly Plain[]).map((each) => [String(each['figure']), shown(each['bars_until_near']), shown(each['bars_until_same'])]);
    if (rows.length > 0)
      operator.terminal.print(
        tableOf(
          [say('figure', 'показатель'), say('bars until near', 'баров до близкого'), say('bars until same', 'баров до равного')],
          rows,
          operator.terminal.isInteractive,
        ),
      );
    operator.terminal.print(
      listOf([
        [say('warm-up', 'разогрев'), warmUp === null ? '-' : String(warmUp)],
        [say('decided otherwise', 'решено иначе'), String(turns)],
      ]),
    );
    return turns === 0 ? 0 : 1;
  },
});

const monteCarlo = checking('monte-carlo', {
  summary: { en: 'what the same trades might have done in another order', ru: 'что дали бы те же сделки в другом порядке' },
  options: SEARCH_OPTIONS.filter(({ flags }) => flags.startsWith('--seed')),
  body: (options) => present({ seed: numberOf(options, 'seed', '--seed') }),
  tell: (operator, result) => {
    const say = speaker(operator);
    const rows = (
      [
        ['shuffled_drawdown', say('drawdown, shuffled', 'просадка, перемешаны')],
        ['resampled_drawdown', say('drawdown, resampled', 'просадка, выбраны заново')],
        ['resampled_profit', say('profit, resampled', 'прибыль, выбраны заново')],
      ] as const
    ).map(([name, title]) => [title, ...(result[name] as readonly number[]).map(percent)]);
    operator.terminal.print(tableOf(['', '5 %', '25 %', '50 %', '75 %', '95 %'], rows, operator.terminal.isInteractive));
    operator.terminal.print(
      listOf([
        [say('as it was', 'как было'), `${percent(result['profit'])}, ${say('drawdown', 'просадка')} ${percent(result['drawdown'])}`],
        [say('chance of a loss', 'вероятность убытка'), percent(result['loss_probability'])],
      ]),
    );
    return 0;
  },
});

const walkForward = checking('walk-forward', {
  summary: { en: 'what choosing settings again and again would have brought', ru: 'что дал бы подбор настроек снова и снова' },
  options: [...SEARCH_OPTIONS, { flags: '--windows <number>', help: { en: 'how often settings are chosen (5)', ru: 'сколько раз подбирать (5)' } }],
  body: (options) => ({ ...searchBody(options), ...present({ windows: numberOf(options, 'windows', '--windows') }) }),
  tell: (operator, { windows, profit, efficiency, profitable_windows: profitable }) => {
    const say = speaker(operator);
    const all = windows as readonly {
      readonly out_from: number;
      readonly in_sample: Plain | null;
      readonly out_of_sample: Plain | null;
      readonly config: Plain | null;
    }[];
    const rows = all.map(({ out_from: from, in_sample: inside, out_of_sample: outside }) => [
      new Date(from).toISOString().slice(0, 10),
      percent(inside?.['profit_share']),
      percent(outside?.['profit_share']),
    ]);
    operator.terminal.print(
      tableOf([say('traded from', 'торговля с'), say('promised', 'обещано'), say('kept', 'вышло')], rows, operator.terminal.isInteractive),
    );
    operator.terminal.print(
      listOf([
        [say('profit', 'прибыль'), percent(profit)],
        [say('efficiency', 'эффективность'), ratio(efficiency)],
        [say('windows that earned', 'окон в плюсе'), `${String(profitable)}/${all.length}`],
      ]),
    );
    return 0;
  },
});

const list: CliCommand = {
  usage: 'list <backtest>',
  summary: { en: 'what was looked into of a backtest', ru: 'проверки бэктеста' },
  options: COMMON_OPTIONS,
  run: (operator, [backtest], options) =>
    inName(operator, options, async (api) => {
      const { items } = (await api.ask('GET', `/backtests/${idOf(backtest)}/checks`)) as { readonly items: readonly CheckItem[] };
      return printList(operator, options, items, {
        head: ['id', 'kind', 'state', 'created'],
        row: ({ id, kind, state, created_at: at }) => [id, kind.replace('_', '-'), state, at.slice(0, 19).replace('T', ' ')],
      });
    }),
};

export const CHECK_COMMANDS: readonly CliCommand[] = [lookAhead, recursion, monteCarlo, walkForward, list];

function checking(
  name: string,
  {
    summary,
    options = [],
    body = () => ({}),
    tell,
  }: {
    readonly summary: CliCommand['summary'];
    readonly options?: NonNullable<CliCommand['options']>;
    readonly body?: (options: Options) => Plain;
    readonly tell: Telling;
  },
): CliCommand {
  return {
    usage: `${name} <backtest>`,
    summary,
    options: [...options, ...COMMON_OPTIONS],
    run: (operator, [backtest], given) =>
      inName(operator, given, async (api) => {
        const root = `/backtests/${idOf(backtest)}/checks`;
        const made = (await inOptions(async () => api.ask('POST', root, { kind: name.replace('-', '_'), ...body(given) }))) as CheckItem;
        const done = await ended(operator, api, `${root}/${made.id}`, name, given['json'] === true);
        if (given['json'] === true) operator.terminal.print(JSON.stringify(done, null, 2));
        else if (done.result !== null) return tell(operator, done.result);
        return given['json'] === true ? Number(done.state !== 'done') : verdictOn(operator, done);
      }),
  };
}

async function ended(operator: Operator, api: UserApi, path: string, title: string, isSilent: boolean): Promise<CheckItem> {
  return watch(
    operator,
    {
      title,
      look: async () => (await api.ask('GET', path)) as CheckItem,
      share: ({ progress }) => progress,
      // Others who work at it may go on.
      interrupt: async () => null,
    },
    isSilent,
  );
}
