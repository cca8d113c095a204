/** What each instrument of a run over several brought, as a table. */
import type { BacktestDocument, DocumentLeg } from '../backtest-document.ts';
import { wideTable } from './table.ts';
import { harmless, type Wording } from './wording.ts';

export function legsTable({ quote }: BacktestDocument, legs: readonly DocumentLeg[], words: Wording): string {
  const heads = [
    words.say('Instrument', 'Инструмент'),
    `${words.say('Profit', 'Прибыль')}, ${harmless(quote)}`,
    words.say('of closed trades', 'по закрытым сделкам'),
    words.say('floating', 'нереализованная'),
    words.say('Funding', 'Фандинг'),
    words.say('Fees', 'Комиссии'),
    words.say('Bought for', 'Куплено на'),
    words.say('Sold for', 'Продано на'),
    words.say('Executions', 'Исполнений'),
    words.say('Held at the end', 'Осталось в конце'),
  ];
  const rows = legs.map(({ symbol, base, figures }) => [
    harmless(symbol),
    words.signed(figures.profit),
    words.signed(figures.closedProfit),
    words.signed(figures.floatingProfit),
    words.signed(figures.funding),
    words.amount(figures.fees),
    words.amount(figures.bought.value),
    words.amount(figures.sold.value),
    words.count(figures.fillCount),
    `${words.amount(figures.held)} ${harmless(base)}`,
  ]);
  const note = words.say(
    'Not told of several instruments together: a chart of one price, what was bought and sold in base, and buying and holding.',
    'Для нескольких инструментов вместе не показываются график одной цены, купленное и проданное в базовой монете и сравнение с удержанием.',
  );
  return wideTable({ title: words.say('Instruments', 'Инструменты'), note }, heads, rows);
}
