/** The charts of a report as SVG: equity against holding with the falls below, and price with what was bought and sold. */
import type { BacktestDocument, DocumentFill } from '../backtest-document.ts';
import { type Axis, areaTo, axis, band, line, roundTimes, roundValues, spanOf } from './plot.ts';
import type { Wording } from './wording.ts';

const WIDTH = 1_060;
const LEFT = 8;
const RIGHT = 978;
const EQUITY = { top: 14, bottom: 254 } as const;
const FALLS = { top: 276, bottom: 346 } as const;
const PRICE = { top: 14, bottom: 284 } as const;
/** Columns into which executions are gathered: more marks than that hide each other. */
const MARK_COLUMNS = 160;
/** With fewer marks than this each is drawn larger. */
const FEW_MARKS = 60;
const DAY_MS = 86_400_000;

export function equityChart({ report, quote }: BacktestDocument, words: Wording): string {
  const { curve, figures } = report;
  const time = timeAxis(curve, figures.startedAt);
  const start = { at: figures.startedAt, equity: figures.capital, drawdown: 0 };
  const points = [start, ...curve];
  const held = heldLine(report);
  const values = points.map(({ equity }) => Number(equity));
  const span = spanOf([...values, ...held.map(([, value]) => value)]);
  const value = axis(span.from, span.to, EQUITY.bottom, EQUITY.top);
  const deepest = Math.max(0.0001, ...points.map(({ drawdown }) => drawdown));
  const fall = axis(0, deepest, FALLS.top, FALLS.bottom);
  const equityLine = points.map(({ at, equity }) => [time.place(at), value.place(Number(equity))] as const);
  const fallLine = points.map(({ at, drawdown }) => [time.place(at), fall.place(drawdown)] as const);
  const end = equityLine.at(-1) ?? [0, 0];
  return svg(
    372,
    words.say(`Equity in ${quote}, and below it how far it stood under its peak`, `Капитал в ${quote}, ниже - просадка от пика`),
    `${valueGrid(value, words)}${timeGrid(time, FALLS.bottom, words)}
    <path class="fill-accent" d="${areaTo(equityLine, EQUITY.bottom)}"/>
    <path class="line-hold" d="${line(held.map(([at, amount]) => [time.place(at), value.place(amount)]))}"/>
    <path class="line-accent" d="${line(equityLine)}"/><circle class="dot-accent" cx="${end[0]}" cy="${end[1]}" r="3.5"/>
    <path class="fill-loss" d="${areaTo(fallLine, FALLS.top)}"/><path class="line-loss" d="${line(fallLine)}"/>
    <line class="rule" x1="${LEFT}" x2="${RIGHT}" y1="${FALLS.top}" y2="${FALLS.top}"/>
    <text class="tick" x="${RIGHT + 8}" y="${FALLS.top + 4}">0 %</text><text class="tick" x="${RIGHT + 8}" y="${FALLS.bottom + 4}">${words.percent(-deepest, 1)}</text>`,
  );
}

/** What holding would have come to; nothing where there is no one price to hold. */
function heldLine({ curve, figures: { capital, holdShare } }: BacktestDocument['report']): readonly (readonly [at: number, value: number])[] {
  if (holdShare === null) return [];
  const perPrice = (Number(capital) * (1 + holdShare)) / Number(curve.at(-1)?.price ?? 1);
  return curve.map(({ at, price }) => [at, Number(price) * perPrice]);
}

export function priceChart({ report, ranges, fills, symbol }: BacktestDocument, words: Wording): string {
  const { curve, figures } = report;
  const time = timeAxis(curve, figures.startedAt);
  const span = spanOf(ranges.flatMap(({ low, high }) => [Number(low), Number(high)]));
  const price = axis(span.from, span.to, PRICE.bottom, PRICE.top);
  const along = (of: (index: number) => string) => curve.map(({ at }, index) => [time.place(at), price.place(Number(of(index)))] as const);
  const close = along((index) => curve[index]?.price ?? '0');
  const range = band(
    along((index) => ranges[index]?.high ?? '0'),
    along((index) => ranges[index]?.low ?? '0'),
  );
  return svg(
    310,
    words.say(`Price of ${symbol} with purchases and sales`, `Цена ${symbol} с покупками и продажами`),
    `${valueGrid(price, words)}${timeGrid(time, PRICE.bottom, words)}
    <path class="fill-range" d="${range}"/><path class="line-price" d="${line(close)}"/>
    ${marks(fills, time, price, words)}`,
  );
}

function timeAxis(curve: BacktestDocument['report']['curve'], startedAt: number): Axis {
  return axis(startedAt, curve.at(-1)?.at ?? startedAt + 1, LEFT, RIGHT);
}

function svg(height: number, label: string, content: string): string {
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${label}">${content}</svg>`;
}

function valueGrid(value: Axis, words: Wording): string {
  return roundValues(value, 5)
    .map((each) => {
      const y = value.place(each);
      return `<line class="grid" x1="${LEFT}" x2="${RIGHT}" y1="${y}" y2="${y}"/><text class="tick" x="${RIGHT + 8}" y="${y + 4}">${words.amount(each)}</text>`;
    })
    .join('');
}

function timeGrid(time: Axis, bottom: number, words: Wording): string {
  const isShort = time.to - time.from < 4 * DAY_MS;
  return roundTimes(time.from, time.to, 8)
    .map((at) => {
      const x = time.place(at);
      const label = isShort ? words.time(at).slice(5) : words.day(at);
      const anchor = x < LEFT + 40 ? 'start' : x > RIGHT - 40 ? 'end' : 'middle';
      return `<line class="grid" x1="${x}" x2="${x}" y1="14" y2="${bottom}"/><text class="tick" x="${x}" y="${bottom + 20}" text-anchor="${anchor}">${label}</text>`;
    })
    .join('');
}

/** Purchases and sales of each column, each side at its average price. */
function marks(fills: readonly DocumentFill[], time: Axis, price: Axis, words: Wording): string {
  const columns = new Map<string, { side: 'buy' | 'sell'; at: number; count: number; value: number; size: number }>();
  for (const { at, side, price: paid, size } of fills) {
    const key = `${side}${Math.floor(((at - time.from) / (time.to - time.from || 1)) * MARK_COLUMNS)}`;
    const column = columns.get(key) ?? { side, at, count: 0, value: 0, size: 0 };
    column.count += 1;
    column.at += (at - column.at) / column.count;
    column.value += Number(paid) * Number(size);
    column.size += Number(size);
    columns.set(key, column);
  }
  return [...columns.values()]
    .map(({ side, at, count, value, size }) => {
      const x = time.place(at);
      const y = price.place(value / size);
      const half = Math.min(7.5, (columns.size < FEW_MARKS ? 5 : 3.4) + Math.log2(count) * 0.6);
      const towards = side === 'buy' ? half : -half;
      const title = `${words.time(at)} · ${side === 'buy' ? words.say('bought', 'куплено') : words.say('sold', 'продано')} ${words.amount(size)} @ ${words.amount(value / size)}${count > 1 ? ` (${count})` : ''}`;
      return `<path class="${side}" d="M${x} ${round(y - towards)}L${round(x + half)} ${round(y + towards)}L${round(x - half)} ${round(y + towards)}Z"><title>${title}</title></path>`;
    })
    .join('');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
