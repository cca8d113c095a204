/** What a user may tell a running DCA bot: to begin a deal, to add funds to it, to close it, or to let it go. */

import { isTradable } from '#core/executors/amounts.ts';
import type { CommandSpec } from '#core/strategy.ts';
import { drop, leave } from './exit.ts';
import { dealNeedLeft } from './funds.ts';
import type { Dca } from './orders.ts';
import { beginDeal } from './start.ts';

export const DCA_COMMANDS = {
  start_deal: {
    title: { en: 'Start a deal', ru: 'Начать сделку' },
    help: {
      en: 'Begins a deal at once, whatever the start rule and the price range say. A signal from elsewhere sends this.',
      ru: 'Начинает сделку сразу, независимо от правила начала и диапазона цен. Её же посылает внешний сигнал.',
    },
    params: {},
  },
  add_funds: {
    title: { en: 'Add funds', ru: 'Докупить' },
    help: {
      en: 'Enlarges the open deal at market; its average price and take profit move.',
      ru: 'Увеличивает открытую сделку по рынку; средняя цена и тейк-профит сдвигаются.',
    },
    params: {
      amount: {
        kind: 'decimal',
        min: '0',
        isExclusive: true,
        title: { en: 'Amount', ru: 'Сумма' },
        help: {
          en: 'Quote to spend, out of extra_funds and what the deal does not need.',
          ru: 'Сколько котировки потратить из extra_funds и не нужного сделке.',
        },
      },
    },
  },
  close_deal: {
    title: { en: 'Close the deal', ru: 'Закрыть сделку' },
    help: { en: 'Withdraws the orders of the deal and closes all of it at market.', ru: 'Снимает ордера сделки и закрывает её целиком по рынку.' },
    params: {},
  },
  cancel_deal: {
    title: { en: 'Let the deal go', ru: 'Отпустить сделку' },
    help: {
      en: 'Withdraws the orders of the deal and keeps the coin or the position, which the bot no longer counts.',
      ru: 'Снимает ордера сделки и оставляет монету или позицию, бот её больше не учитывает.',
    },
    params: {},
  },
} as const satisfies Readonly<Record<string, CommandSpec>>;

/** Does as told, or says why not. */
export function onCommand(dca: Dca, name: string, params: Readonly<Record<string, unknown>>): void {
  const refusal = obey(dca, name, params);
  if (refusal !== null) dca.context.report('strategy_note', `The command ${name} was not carried out: ${refusal}.`, { command: name, reason: refusal });
}

function obey(dca: Dca, name: string, params: Readonly<Record<string, unknown>>): string | null {
  const { context, state } = dca;
  const { deal } = state;
  if (name === 'start_deal') return beginDeal(dca, true);
  if (!context.isTrading) return 'the bot does not trade now';
  if (deal === null) return 'no deal is open';
  if (deal.stage === 'leaving' || deal.stage === 'dropping') return 'the deal is ending';
  if (name === 'close_deal') leave(dca, deal, 'closed by hand', deal.next);
  else if (name === 'cancel_deal') drop(dca, deal, 'let go by hand');
  else if (name === 'add_funds') return addFunds(dca, String(params['amount']));
  return null;
}

function addFunds(dca: Dca, amount: string): string | null {
  const { context, state, params } = dca;
  const { deal } = state;
  if (deal?.stage !== 'open') return 'the deal is not open yet';
  const { scale } = context;
  const atoms = scale.atoms(amount, 'down');
  const free = Math.floor((context.freeQuoteAtoms() - dealNeedLeft(dca, deal)) * (scale.isPerpetual ? params.leverage : 1));
  if (atoms > free) return `${scale.quote(Math.max(0, free))} ${scale.instrument.quote} are free beyond what the deal needs; raise extra_funds`;
  if (!isTradable(context, Math.floor(atoms / context.askTicks), context.askTicks)) return 'the amount is below what the venue takes';
  deal.addAtoms += atoms;
  return null;
}
