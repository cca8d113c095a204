/**
 * A backtest as one HTML page that needs nothing else: no script, no network, nothing to install. It can be mailed, printed and opened years later.
 */
import type { BacktestDocument } from '../backtest-document.ts';
import { equityChart, priceChart } from './charts.ts';
import { figureGroups } from './figures.ts';
import { legsTable } from './legs.ts';
import { STYLE } from './style.ts';
import { wideTable } from './table.ts';
import { harmless, type Language, Wording } from './wording.ts';

/** Trades shown; all that are listed stand in the tables. */
const SHOWN_TRADES = 40;
const SHOWN_NOTES = 20;

export function backtestPage(document: BacktestDocument, language: Language): string {
  const words = new Wording(language);
  const title = `${document.strategyTitle[language]} · ${symbolsOf(document)}`;
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${harmless(title)}</title><style>${STYLE}</style></head><body><main>
${header(document, words)}
${warnings(document, words)}
${tiles(document, words)}
<section><div class="head"><h2>${words.say('Equity', 'Капитал')}</h2><span class="legend"><i style="color:var(--accent)"></i>${words.say('this run', 'этот прогон')}${document.legs === undefined ? `<i style="border-top-style:dashed"></i>${words.say('buy and hold', 'купить и держать')}` : ''}<i style="color:var(--loss)"></i>${words.say('drawdown', 'просадка')}</span></div>
${equityChart(document, words)}</section>
${document.legs === undefined ? prices(document, words) : legsTable(document, document.legs, words)}
${months(document, words)}
${figureGroups(document, words)}
${against(document, words)}
${trades(document, words)}
${notes(document, words)}
${footer(document, words)}
</main></body></html>
`;
}

function symbolsOf({ symbol, legs }: BacktestDocument): string {
  return legs === undefined ? symbol : legs.map((leg) => leg.symbol).join(', ');
}

function prices(document: BacktestDocument, words: Wording): string {
  return `<section><div class="head"><h2>${words.say('Price and executions', 'Цена и исполнения')}</h2><span class="legend"><i class="t"></i>${words.say('bought', 'куплено')}<i class="s"></i>${words.say('sold', 'продано')}</span></div>
${priceChart(document, words)}${cutNote(document, words)}</section>`;
}

function header(document: BacktestDocument, words: Wording): string {
  const { strategyTitle, exchange, report, quote, endReason } = document;
  const { figures } = report;
  const sign = signClass(Number(figures.profit));
  return `<header><div><h1>${words.text(strategyTitle)} · ${harmless(symbolsOf(document))}</h1>
<p class="soft">${words.time(figures.startedAt)} – ${words.time(figures.endedAt)} UTC · ${harmless(exchange)}${endReason === '' ? '' : ` · ${words.say('ended early: ', 'завершён раньше: ')}${harmless(endReason)}`}</p></div>
<div class="result"><b class="${sign}">${words.signed(figures.profit)} ${harmless(quote)}</b>
<p class="soft">${words.signedPercent(figures.profitShare)} ${words.say('after all costs', 'после всех издержек')}</p></div></header>`;
}

function warnings(document: BacktestDocument, words: Wording): string {
  if (document.warnings.length === 0) return '';
  return `<section class="warn"><h2>${words.say('To be known of the data', 'Что важно знать о данных')}</h2><ul>${document.warnings.map((each) => `<li>${words.text(each)}</li>`).join('')}</ul></section>`;
}

function tiles({ report: { figures } }: BacktestDocument, words: Wording): string {
  const tile = (name: string, value: string, sign = 0) => `<div class="tile"><span>${name}</span><b class="${signClass(sign)}">${value}</b></div>`;
  return `<div class="tiles">${[
    tile(words.say('Return a year', 'Доходность в год'), words.signedPercent(figures.annualReturn, 1), figures.annualReturn ?? 0),
    tile(words.say('Buy and hold', 'Купить и держать'), words.signedPercent(figures.holdShare, 1), figures.holdShare ?? 0),
    tile(words.say('Deepest drawdown', 'Наибольшая просадка'), words.percent(figures.drawdownShare, 1)),
    tile(words.say('Sharpe', 'Шарп'), words.ratio(figures.sharpe)),
    tile(words.say('Closed trades', 'Закрытых сделок'), words.count(figures.tradeCount)),
    tile(words.say('Win rate', 'Доля прибыльных'), words.percent(figures.winRate, 1)),
    tile(words.say('Fees', 'Комиссии'), words.amount(figures.fees)),
  ].join('')}</div>`;
}

function months({ report }: BacktestDocument, words: Wording): string {
  const years = new Map<string, (number | null)[]>();
  for (const { month, share } of report.months) {
    const [year = '', number = '1'] = month.split('-');
    const cells = years.get(year) ?? Array.from({ length: 12 }, () => null);
    cells[Number(number) - 1] = share;
    years.set(year, cells);
  }
  const largest = Math.max(0.001, ...report.months.map(({ share }) => Math.abs(share ?? 0)));
  const heat = (share: number | null, isYear: boolean) => {
    if (share === null) return `<td${isYear ? ' class="year"' : ''}></td>`;
    const strength = Math.round(8 + Math.min(1, Math.abs(share) / largest) * 52);
    const colour = share === 0 ? 'transparent' : `color-mix(in srgb,var(--${share > 0 ? 'gain' : 'loss'}) ${strength}%,transparent)`;
    return `<td${isYear ? ' class="year"' : ` style="background:${colour}"`}>${words.signedPercent(share, 1).replace(/\s%$/, '')}</td>`;
  };
  const rows = [...years].map(([year, cells]) => {
    const whole = cells.reduce<number>((product, share) => product * (1 + (share ?? 0)), 1) - 1;
    return `<tr><td>${harmless(year)}</td>${cells.map((share) => heat(share, false)).join('')}${heat(whole, true)}</tr>`;
  });
  const names = Array.from({ length: 12 }, (_, index) => `<th>${harmless(words.month(index))}</th>`).join('');
  return `<section><h2>${words.say('Months, in per cent', 'Месяцы, в процентах')}</h2><div class="scroll"><table class="heat"><tr><th></th>${names}<th>${words.say('year', 'год')}</th></tr>${rows.join('')}</table></div></section>`;
}

function against({ against: comparison, quote }: BacktestDocument, words: Wording): string {
  if (comparison === undefined) return '';
  const names: Readonly<Record<string, string>> = {
    timing: words.say('the market stood elsewhere', 'рынок стоял в другом месте'),
    spread: words.say('spread', 'спред'),
    slippage: words.say('slippage', 'проскальзывание'),
    level: words.say('other levels of resting orders', 'другие уровни лимитных ордеров'),
    fees: words.say('fees', 'комиссии'),
    size: words.say('other sizes', 'другие размеры'),
    missing: words.say('only in the backtest', 'только в бэктесте'),
    extra: words.say('only live', 'только вживую'),
    funding: words.say('funding', 'фандинг'),
  };
  const row = (name: string, amount: string) => `<tr><td>${name}</td><td class="${signClass(Number(amount))}">${words.signed(amount)}</td></tr>`;
  const rows = Object.entries(comparison.sums).map(([part, amount]) => row(names[part] ?? harmless(part), amount));
  const { same, differs, missing, extra } = comparison.counts;
  // Documents from before there were causes have none.
  const causes = Object.entries(comparison.causes ?? {}).map(([cause, { count, effect }]) => row(`${causeWord(cause, words)} · ${count}`, effect));
  const alone =
    causes.length === 0
      ? ''
      : `<h2>${words.say('Orders of one run alone, by cause', 'Ордера только в одном прогоне, по причинам')}</h2><table>${causes.join('')}</table>`;
  return `<section><div class="head"><h2>${words.say('Live against this backtest', 'Вживую против этого бэктеста')}, ${harmless(quote)}</h2><span class="legend">${words.say(
    `orders: ${same} the same, ${differs} differ, ${missing} missing, ${extra} extra`,
    `ордеров: совпали ${same}, отличаются ${differs}, нет вживую ${missing}, лишних ${extra}`,
  )}</span></div><table>${row(words.say('Profit live', 'Прибыль вживую'), comparison.liveProfit)}${row(words.say('Profit of the backtest', 'Прибыль бэктеста'), comparison.testProfit)}${row(words.say('Difference', 'Разница'), comparison.difference)}${rows.join('')}</table>${alone}</section>`;
}

function causeWord(cause: string, words: Wording): string {
  const names: Readonly<Record<string, string>> = {
    outside: words.say('outside of the candles', 'вне свечей'),
    paused: words.say('the live run was paused', 'запуск стоял на паузе'),
    refused: words.say('refused in the other run', 'в другом прогоне отклонён'),
    moment: words.say('done at another time', 'в другое время'),
    unfilled: words.say('rested in the other run, not executed', 'в другом прогоне стоял и не исполнился'),
    candles: words.say('the candles never came to its price', 'свечи не дошли до цены'),
    command: words.say('after a command of the user', 'после команды пользователя'),
    path: words.say('the path inside the candle is assumed', 'путь внутри свечи — предположение'),
    start: words.say('began at another price', 'начато по другой цене'),
    follows: words.say('follows of a difference before', 'следует из прежнего различия'),
  };
  return names[cause] ?? harmless(cause);
}

function trades({ report, unlisted, quote }: BacktestDocument, words: Wording): string {
  if (report.trades.length === 0) return '';
  const all = report.figures.tradeCount;
  const shown = report.trades.slice(-SHOWN_TRADES).toReversed();
  const heads = [
    words.say('Entered', 'Вход'),
    words.say('Left', 'Выход'),
    words.say('Held', 'Длительность'),
    words.say('Side', 'Сторона'),
    words.say('Size', 'Размер'),
    words.say('Entry', 'Цена входа'),
    words.say('Exit', 'Цена выхода'),
    words.say('Against', 'Против'),
    words.say('With', 'В пользу'),
    `${words.say('Profit', 'Прибыль')}, ${harmless(quote)}`,
    '%',
  ];
  const rows = shown.map((trade) => {
    const cells = [
      words.time(trade.enteredAt),
      words.time(trade.leftAt),
      words.duration(trade.leftAt - trade.enteredAt),
      trade.direction === 'long' ? words.say('long', 'лонг') : words.say('short', 'шорт'),
      words.amount(trade.size),
      words.amount(trade.entryPrice),
      words.amount(trade.exitPrice),
      trade.worstMove === null ? '–' : words.amount(trade.worstMove),
      trade.bestMove === null ? '–' : words.amount(trade.bestMove),
    ];
    const sign = signClass(Number(trade.profit));
    return [...cells, { html: words.signed(trade.profit), sign }, { html: words.signedPercent(trade.profitShare).replace(/\s%$/, ''), sign }];
  });
  const more =
    all > shown.length || unlisted.trades > 0
      ? words.say(`the last ${shown.length} listed of ${words.count(all)}`, `последние ${shown.length} из ${words.count(all)}`)
      : '';
  return wideTable({ title: words.say('Trades', 'Сделки'), legend: more }, heads, rows);
}

function cutNote({ unlisted }: BacktestDocument, words: Wording): string {
  if (unlisted.fills === 0) return '';
  return `<p class="legend">${words.say(`${words.count(unlisted.fills)} later executions are counted but not drawn`, `ещё ${words.count(unlisted.fills)} поздних исполнений учтены, но не нарисованы`)}</p>`;
}

function notes({ notes: list, notesDropped }: BacktestDocument, words: Wording): string {
  if (list.length === 0) return '';
  const more = list.length - SHOWN_NOTES + notesDropped;
  const items = list.slice(0, SHOWN_NOTES).map(({ at, text }) => `<li><span class="soft">${words.time(at)}</span> ${harmless(text)}</li>`);
  return `<section><h2>${words.say('Notes of the strategy', 'Заметки стратегии')}</h2><ul>${items.join('')}${more > 0 ? `<li class="soft">${words.say(`and ${words.count(more)} more`, `и ещё ${words.count(more)}`)}</li>` : ''}</ul></section>`;
}

function footer({ assumptions }: BacktestDocument, words: Wording): string {
  const path =
    assumptions.history === 'trades'
      ? ''
      : words.say(
          'Inside a candle the price is taken to go from the open to the low first where the candle closed at or above its open, to the high first where it closed below, then to the other end, then to the close. ',
          'Внутри свечи цена, по правилу, идёт от открытия сначала к минимуму, если свеча закрылась не ниже открытия, и сначала к максимуму, если ниже, затем к другому краю и к закрытию. ',
        );
  return `<footer>${path}${words.say(
    'A backtest shows what the strategy would have decided, by the same code that trades live, on the assumptions above. It does not show what a real market would have answered: fills are simulated, and the past does not repeat itself. Ratios are of daily equity, a year of 365.25 days, no risk-free rate.',
    'Бэктест показывает, что решила бы стратегия, тем же кодом, что торгует вживую, при указанных допущениях. Он не показывает, что ответил бы настоящий рынок: исполнения смоделированы, а прошлое не повторяется. Коэффициенты - по дневному капиталу, год 365,25 дня, без безрисковой ставки.',
  )}</footer>`;
}

function signClass(value: number): string {
  return value > 0 ? 'gain' : value < 0 ? 'loss' : '';
}
