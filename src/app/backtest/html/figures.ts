/** The figures of a report in groups, as lists of a name and a value. */
import type { Turnover } from '../../report/ledger-sums.ts';
import type { Assumptions } from '../assumptions.ts';
import type { BacktestDocument } from '../backtest-document.ts';
import { harmless, type Wording } from './wording.ts';

/** A name and what stands behind it, both harmless in markup; a value may be coloured by the sign of `sign`. */
type Line = readonly [name: string, value: string, sign?: number];

/** Settings are shown to this length; nested ones as JSON. */
const MAX_SETTING = 200;

export function figureGroups(document: BacktestDocument, words: Wording): string {
  const { quote } = document;
  const say = words.say.bind(words);
  return `<div class="columns">
    ${card(say('Result', 'Результат'), resultLines(document, words), say(`Amounts in ${quote}`, `Суммы в ${quote}`))}
    ${card(say('Risk', 'Риск'), riskLines(document, words))}
    ${card(say('Trades', 'Сделки'), tradeLines(document, words))}
    ${card(say('Orders and costs', 'Ордера и издержки'), costLines(document, words))}
    ${card(say('Assumptions', 'Допущения'), assumptionLines(document, words))}
    ${card(say('Settings', 'Настройки'), settingLines(document.config))}
    ${Object.keys(document.strategyFigures).length === 0 ? '' : card(say('Counted by the strategy', 'Подсчитано стратегией'), ownLines(document, words))}
  </div>`;
}

function card(title: string, lines: readonly Line[], note = ''): string {
  const rows = lines
    .map(([name, value, sign = 0]) => `<dt>${name}</dt><dd${sign > 0 ? ' class="gain"' : sign < 0 ? ' class="loss"' : ''}>${value}</dd>`)
    .join('');
  return `<section><div class="head"><h2>${title}</h2><span class="legend">${note}</span></div><dl>${rows}</dl></section>`;
}

/** Whether anything in it is held on margin, so that funding and liquidations are to be told. */
function isMargined({ assumptions, legs }: BacktestDocument): boolean {
  return legs === undefined ? assumptions.margin !== null : legs.some((leg) => leg.assumptions.margin !== null);
}

function resultLines(document: BacktestDocument, words: Wording): readonly Line[] {
  const { figures } = document.report;
  const say = words.say.bind(words);
  return [
    [say('Capital', 'Капитал'), words.amount(figures.capital)],
    [say('Net profit', 'Чистая прибыль'), words.signed(figures.profit), Number(figures.profit)],
    [say('of closed trades', 'по закрытым сделкам'), words.signed(figures.closedProfit), Number(figures.closedProfit)],
    [say('floating', 'нереализованная'), words.signed(figures.floatingProfit), Number(figures.floatingProfit)],
    ...(isMargined(document) ? [[say('funding', 'фандинг'), words.signed(figures.funding), Number(figures.funding)] as const] : []),
    [say('Return', 'Доходность'), words.signedPercent(figures.profitShare), figures.profitShare],
    [say('Return a year', 'Доходность в год'), words.signedPercent(figures.annualReturn), figures.annualReturn ?? 0],
    [say('Buy and hold', 'Купить и держать'), words.signedPercent(figures.holdShare), figures.holdShare ?? 0],
    [say('Against holding', 'Против удержания'), words.signedPercent(figures.overHoldShare), figures.overHoldShare ?? 0],
  ];
}

function riskLines(document: BacktestDocument, words: Wording): readonly Line[] {
  const { figures } = document.report;
  const say = words.say.bind(words);
  return [
    [say('Deepest drawdown', 'Наибольшая просадка'), `${words.percent(figures.drawdownShare)} (${words.amount(figures.drawdown)})`],
    [say('from, to', 'от и до'), `${words.day(figures.drawdownPeakAt)} – ${words.day(figures.drawdownTroughAt)}`],
    [say('Longest drawdown', 'Самая долгая просадка'), words.duration(figures.longestDrawdownMs)],
    [say('Sharpe, a year', 'Шарп, годовой'), words.ratio(figures.sharpe)],
    [say('Sortino, a year', 'Сортино, годовой'), words.ratio(figures.sortino)],
    [say('Calmar', 'Кальмар'), words.ratio(figures.calmar)],
    [say('Time in market', 'Время в позиции'), words.percent(figures.timeInMarket, 1)],
    [say('Average exposure', 'Средняя загрузка капитала'), words.percent(figures.exposure, 1)],
    ...(isMargined(document) ? [[say('Liquidations', 'Ликвидации'), words.count(document.liquidations), -document.liquidations] as const] : []),
  ];
}

function tradeLines({ report: { figures } }: BacktestDocument, words: Wording): readonly Line[] {
  const say = words.say.bind(words);
  const each = (value: string | null) => (value === null ? '–' : words.signed(value));
  return [
    [say('Closed trades', 'Закрытых сделок'), words.count(figures.tradeCount)],
    [say('won, lost', 'прибыльных, убыточных'), `${words.count(figures.wonCount)}, ${words.count(figures.lostCount)}`],
    [say('Win rate', 'Доля прибыльных'), words.percent(figures.winRate, 1)],
    [say('Profit factor', 'Профит-фактор'), words.ratio(figures.profitFactor)],
    [say('Expectancy of a trade', 'Ожидание на сделку'), each(figures.expectancy), Number(figures.expectancy ?? 0)],
    [say('Average win', 'Средняя прибыль'), each(figures.averageWin), Number(figures.averageWin ?? 0)],
    [say('Average loss', 'Средний убыток'), each(figures.averageLoss), Number(figures.averageLoss ?? 0)],
    [say('Best, worst', 'Лучшая, худшая'), `${words.signed(figures.bestTrade)}, ${words.signed(figures.worstTrade)}`],
    [say('Losses in a row at most', 'Убытков подряд, не более'), words.count(figures.longestLosing)],
    [say('Average duration', 'Средняя длительность'), words.duration(figures.averageTradeMs)],
  ];
}

function costLines({ report: { figures }, orderCounts, base, quote }: BacktestDocument, words: Wording): readonly Line[] {
  const say = words.say.bind(words);
  const turnover = (name: string, sum: Turnover | null): readonly Line[] =>
    sum === null
      ? []
      : [
          [name, `${words.amount(sum.size)} ${harmless(base)}`],
          [say('for', 'на сумму'), `${words.amount(sum.value)} ${harmless(quote)}`],
        ];
  return [
    [say('Orders placed', 'Выставлено ордеров'), words.count(orderCounts.placed)],
    [say('cancelled, expired', 'отменено, истекло'), `${words.count(orderCounts.cancelled)}, ${words.count(orderCounts.expired)}`],
    [say('refused by the venue, by risk', 'отклонено биржей, риском'), `${words.count(orderCounts.rejected)}, ${words.count(orderCounts.denied)}`],
    [say('Executions', 'Исполнений'), words.count(figures.fillCount)],
    ...turnover(say('Bought', 'Куплено'), figures.bought),
    ...turnover(say('Sold', 'Продано'), figures.sold),
    [say('Fees', 'Комиссии'), words.amount(figures.fees)],
    [say('as maker, as taker', 'мейкера, тейкера'), `${words.amount(figures.makerFees)}, ${words.amount(figures.takerFees)}`],
  ];
}

function assumptionLines({ assumptions, legs, intervalMs, warmUpBars, candles }: BacktestDocument, words: Wording): readonly Line[] {
  const say = words.say.bind(words);
  const { fillRule, queueShare, volumeShare } = assumptions;
  const rules: Readonly<Record<string, string>> = {
    touch: say('when touched', 'при касании'),
    through: say('when passed through', 'при проходе насквозь'),
    queue: say(`in a queue of ${words.percent(queueShare, 0)} of volume`, `в очереди за ${words.percent(queueShare, 0)} объёма`),
  };
  const isTrades = assumptions.history === 'trades';
  return [
    [say('History', 'История'), isTrades ? say('every trade', 'каждая сделка рынка') : `${words.count(candles)} × ${words.duration(intervalMs)}`],
    [say('Warm-up', 'Разогрев'), say(`${words.count(warmUpBars)} candles`, `свечей: ${words.count(warmUpBars)}`)],
    [say('Latency', 'Задержка'), `${words.count(assumptions.latencyMs)} ${say('ms', 'мс')}`],
    [say('Limit orders fill', 'Лимитные исполняются'), rules[fillRule] ?? harmless(fillRule)],
    [say('Share of the volume', 'Доля объёма'), volumeShare === null ? say('no limit', 'без ограничения') : words.percent(volumeShare, 1)],
    ...(legs === undefined
      ? instrumentLines(assumptions, words)
      : legs.flatMap((leg) => [[`<b>${harmless(leg.symbol)}</b>`, ''] as const, ...instrumentLines(leg.assumptions, words)])),
  ];
}

/** What is assumed of one instrument. */
function instrumentLines({ margin, ...assumptions }: Assumptions, words: Wording): readonly Line[] {
  const say = words.say.bind(words);
  return [
    [
      say('Fees, maker, taker', 'Комиссии: мейкер, тейкер'),
      `${words.percent(Number(assumptions.makerFeeRate), 3)}, ${words.percent(Number(assumptions.takerFeeRate), 3)}`,
    ],
    [say('Spread, slippage', 'Спред, проскальзывание'), `${words.amount(assumptions.spread)}, ${words.percent(assumptions.slippage, 3)}`],
    [say('Smallest order', 'Наименьший ордер'), `${words.amount(assumptions.minSize)} / ${words.amount(assumptions.minNotional)}`],
    ...(margin === null ? [] : marginLines(margin, words)),
  ];
}

function marginLines({ leverage, marginMode, funding }: NonNullable<Assumptions['margin']>, words: Wording): readonly Line[] {
  const say = words.say.bind(words);
  const mode = marginMode === 'cross' ? say('cross', 'кросс') : say('isolated', 'изолированная');
  const settled = funding === 'none' ? say('none', 'нет') : funding === 'history' ? say('as it was', 'как был') : words.percent(Number(funding), 4);
  return [
    [say('Leverage, margin', 'Плечо, маржа'), `${words.ratio(leverage)}×, ${mode}`],
    [say('Funding', 'Фандинг'), settled],
  ];
}

function settingLines(config: unknown): readonly Line[] {
  if (typeof config !== 'object' || config === null) return [];
  return Object.entries(config)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => [
      harmless(name.replaceAll('_', ' ')),
      harmless((typeof value === 'object' ? JSON.stringify(value) : String(value)).slice(0, MAX_SETTING)),
    ]);
}

function ownLines({ strategyFigures }: BacktestDocument, words: Wording): readonly Line[] {
  return Object.entries(strategyFigures)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => [
      harmless(name.replaceAll('_', ' ')),
      /^-?\d+(\.\d+)?$/.test(String(value)) ? numberOf(String(value), words) : harmless(String(value)),
    ]);
}

function numberOf(text: string, words: Wording): string {
  return text.includes('.') ? words.amount(text) : words.count(Number(text));
}
