/** What each instrument of a run over several brought, as a table. */
import type { BacktestDocument, DocumentLeg } from '../backtest-document.ts';
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
  const rows = legs.map(({ symbol, base, figures }) => {
    const cells = [
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
    ];
    return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
  });
  const note = words.say(
    'Not told of several instruments together: a chart of one price, what was bought and sold in base, and buying and holding.',
    'Для нескольких инструментов вместе не показываются график одной цены, купленное и проданное в базовой монете и сравнение с удержанием.',
  );
  return `<section><div class="head"><h2>${words.say('Instruments', 'Инструменты')}</h2></div><div class="scroll"><table><tr>${heads.map((head) => `<th>${head}</th>`).join('')}</tr>${rows.join('')}</table></div><p class="legend">${note}</p></section>`;
}
