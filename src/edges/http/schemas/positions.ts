/** Wire shapes of positions in perpetuals. */
import { z } from 'zod';
import type { VenuePosition } from '#core/perpetual-ports.ts';
import { decimalOutput, pageOf } from './shared-pieces.ts';

export const PositionItem = z
  .object({
    symbol: z.string().describe('The perpetual.'),
    side: z.enum(['long', 'short']).describe('Which way it is held.'),
    quantity: decimalOutput.describe('How much of the base coin, without a sign.'),
    entry_price: decimalOutput.describe('What it was entered at on average.'),
    mark_price: decimalOutput.describe('What the exchange values it at now.'),
    liquidation_price: decimalOutput
      .nullable()
      .describe('Where the exchange would close it for want of margin, by its own estimate; `null` where it names none.'),
    unrealised_profit: decimalOutput.describe('Profit at the mark price, in the settle coin.'),
    leverage: z.number().describe('How many times its margin it may be worth.'),
    margin_mode: z.enum(['isolated', 'cross']).describe('`isolated`: it may lose its own margin. `cross`: it may lose whatever the wallet holds.'),
  })
  .meta({
    id: 'Position',
    description: 'A position in a perpetual, as the exchange tells it.',
    examples: [
      {
        symbol: 'BTC/USDT:USDT',
        side: 'short',
        quantity: '0.02',
        entry_price: '60120.5',
        mark_price: '59980',
        liquidation_price: '71800.1',
        unrealised_profit: '2.81',
        leverage: 5,
        margin_mode: 'isolated',
      },
    ],
  });

export const Positions = pageOf('Positions', PositionItem, 'Everything the account holds in perpetuals; what is flat is left out.');

export function presentPosition(position: VenuePosition): z.output<typeof PositionItem> {
  const { symbol, size, entryPrice, markPrice, liquidationPrice, unrealisedProfit, leverage, marginMode } = position;
  const isShort = size.startsWith('-');
  return {
    symbol,
    side: isShort ? 'short' : 'long',
    quantity: isShort ? size.slice(1) : size,
    entry_price: entryPrice,
    mark_price: markPrice,
    liquidation_price: liquidationPrice,
    unrealised_profit: unrealisedProfit,
    leverage,
    margin_mode: marginMode,
  };
}
