/** `argosy optimise run|list|show`: settings searched for from the command line. */
import { type CliCommand, speaker } from '../command.ts';
import type { Operator, UserApi } from '../operator.ts';
import { listOf, tableOf } from '../table.ts';
import { idOf, inName, printList } from './backtests.ts';
import { percent, ratio } from './figures.ts';
import { COMMON_OPTIONS, inOptions, numberOf, type Plain, present, RUN_OPTIONS, runBody } from './request.ts';
import { SEARCH_OPTIONS, searchBody } from './search-options.ts';
import { verdictOn, watch } from './watching.ts';

export interface OptimizationItem {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly trials: number;
  readonly trials_done: number;
  readonly strategy: string;
  readonly symbol: string;
  readonly search: string;
  readonly seed: number;
  readonly ranges: Plain;
  readonly failure: string;
  readonly summary: {
    readonly scored: number;
    readonly unscored: number;
    readonly refused: number;
    readonly refusal: string;
    readonly pruned: number;
    readonly deflated_sharpe: { readonly probability: number | null } | null;
    readonly overfitting: number | null;
    readonly validated: { readonly count: number; readonly profitable: number } | null;
  } | null;
}

interface ResultItem {
  readonly rank: number;
  readonly in_sample: Plain;
  readonly out_of_sample: Plain | null;
  readonly config: Plain;
}

const SHOWN = 50;
/** Of the best sets, beneath the summary. */
const SHOWN_RESULTS = 10;

export const runOptimization: CliCommand = {
  usage: 'run <strategy>',
  summary: { en: 'search for settings and wait for the results', ru: 'подобрать настройки и дождаться результата' },
  options: [
    ...SEARCH_OPTIONS,
    {
      flags: '--out-of-sample <share>',
      help: { en: 'share of the history that the search does not see (0.3)', ru: 'доля истории, которую подбор не видит (0.3)' },
    },
    { flags: '--pruning', help: { en: 'give up the worse half of sets early', ru: 'рано отбрасывать худшую половину наборов' } },
    ...RUN_OPTIONS,
    ...COMMON_OPTIONS,
  ],
  run: (operator, [strategy], options) =>
    inName(operator, options, async (api) => {
      const made = (await inOptions(async () =>
        api.ask('POST', '/optimizations', {
          ...(await runBody(operator, api, strategy, options)),
          ...searchBody(options),
          ...present({ out_of_sample: numberOf(options, 'outOfSample', '--out-of-sample'), pruning: options['pruning'] }),
        }),
      )) as OptimizationItem;
      return follow(operator, api, made, options);
    }),
};

export const listOptimizations: CliCommand = {
  usage: 'list',
  summary: { en: 'your optimisations, newest first', ru: 'ваши оптимизации, сначала новые' },
  options: COMMON_OPTIONS,
  run: (operator, _args, options) =>
    inName(operator, options, async (api) => {
      const { items } = (await api.ask('GET', `/optimizations?limit=${SHOWN}`)) as { readonly items: readonly OptimizationItem[] };
      return printList(operator, options, items, {
        head: ['id', 'name', 'strategy', 'symbol', 'search', 'state', 'trials'],
        row: ({ id, name, strategy, symbol, search, state, trials, trials_done: done }) => [id, name, strategy, symbol, search, state, `${done}/${trials}`],
      });
    }),
};

export const showOptimization: CliCommand = {
  usage: 'show <id>',
  summary: { en: 'how far an optimisation is, and its best sets', ru: 'состояние оптимизации и лучшие наборы' },
  options: COMMON_OPTIONS,
  run: (operator, [id], options) =>
    inName(operator, options, async (api) => {
      const item = (await api.ask('GET', `/optimizations/${idOf(id)}`)) as OptimizationItem;
      return tell(operator, api, item, options['json'] === true);
    }),
};

/** Waits for the end, unless somebody else works at it and is not to be waited for, and tells what there is then. */
export async function follow(operator: Operator, api: UserApi, { id, name, strategy, symbol }: OptimizationItem, options: Plain): Promise<number> {
  const isJson = options['json'] === true;
  const look = async () => (await api.ask('GET', `/optimizations/${id}`)) as OptimizationItem;
  const ended =
    options['detach'] === true && !api.isAlone
      ? await look()
      : await watch(
          operator,
          {
            title: `${name}: ${strategy} ${symbol} (${id})`,
            look,
            share: ({ trials, trials_done: done }) => done / Math.max(1, trials),
            note: ({ trials, trials_done: done }) => `${done}/${trials}`,
            // Others who work at it may go on; without them it is kept for the next time.
            interrupt: async () => (api.isAlone ? api.ask('POST', `/optimizations/${id}/pause`) : null),
          },
          isJson,
        );
  const code = await tell(operator, api, ended, isJson);
  if (ended.state !== 'paused') return code;
  if (!isJson) operator.terminal.print(speaker(operator)(`To go on: argosy optimise resume ${id}`, `Продолжить: argosy optimise resume ${id}`));
  return 1;
}

async function tell(operator: Operator, api: UserApi, item: OptimizationItem, isJson: boolean): Promise<number> {
  const { items: results } =
    item.state === 'done'
      ? ((await api.ask('GET', `/optimizations/${item.id}/results?limit=${SHOWN_RESULTS}`)) as { readonly items: readonly ResultItem[] })
      : { items: [] };
  const isGoingOn = item.state === 'waiting' || item.state === 'running' || item.state === 'paused';
  if (isJson) {
    operator.terminal.print(JSON.stringify({ ...item, results }, null, 2));
    return item.state === 'done' || isGoingOn ? 0 : 1;
  }
  const say = speaker(operator);
  const { id, state, trials, trials_done: done, strategy, symbol, search, seed, summary } = item;
  const rows: [string, string][] = [
    ['id', id],
    [say('strategy', 'стратегия'), `${strategy} ${symbol}`],
    [say('search', 'поиск'), `${search}, seed ${seed}`],
    [say('state', 'состояние'), `${state} ${done}/${trials}`],
  ];
  if (summary !== null) rows.push(...summaryRows(summary, say));
  operator.terminal.print(listOf(rows));
  if (results.length > 0) operator.terminal.print(`\n${resultTable(operator, item, results)}`);
  return isGoingOn ? 0 : verdictOn(operator, item);
}

function summaryRows(
  { scored, unscored, refused, refusal, pruned, deflated_sharpe: deflated, overfitting, validated }: NonNullable<OptimizationItem['summary']>,
  say: (en: string, ru: string) => string,
): readonly [string, string][] {
  return [
    [
      say('sets', 'наборы'),
      say(`${scored} scored, ${unscored} without a score, ${pruned} given up`, `с оценкой ${scored}, без неё ${unscored}, брошено ${pruned}`),
    ],
    ...(refused === 0 ? [] : [[say('refused', 'отклонено'), `${refused}: ${refusal}`] as [string, string]]),
    [say('better than luck', 'лучше случая'), percent(deflated?.probability)],
    [say('overfitting', 'переподгонка'), percent(overfitting)],
    ...(validated === null
      ? []
      : [
          [
            say('out of the sample', 'вне выборки'),
            say(`${validated.profitable} of ${validated.count} earned`, `в плюсе ${validated.profitable} из ${validated.count}`),
          ] as [string, string],
        ]),
  ];
}

function resultTable({ language, terminal, ...operator }: Operator, { ranges }: OptimizationItem, results: readonly ResultItem[]): string {
  const say = speaker({ ...operator, language, terminal });
  const varied = Object.keys(ranges);
  const head = [
    '#',
    say('profit outside', 'прибыль вне'),
    say('drawdown outside', 'просадка вне'),
    say('profit inside', 'прибыль внутри'),
    'Sharpe',
    ...varied,
  ];
  const rows = results.map(({ rank, in_sample: inside, out_of_sample: outside, config }) => [
    String(rank),
    percent(outside?.['profit_share']),
    percent(outside?.['drawdown']),
    percent(inside['profit_share']),
    ratio(inside['sharpe']),
    ...varied.map((name) => String(config[name])),
  ]);
  return tableOf(head, rows, terminal.isInteractive);
}
