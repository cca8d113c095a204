/** What an open deal still needs of the bot's funds. */

import { liveOrder } from '#core/executors/order-board.ts';
import type { Deal } from './deal.ts';
import { costOfSize } from './ladder.ts';
import type { Dca } from './orders.ts';

/** Quote for safety orders that are not on the book yet and funds that are being added, in atoms. What stands on the book is bound already. */
export function dealNeedLeft({ context, state, params }: Dca, deal: Deal): number {
  const { scale, feeAsset } = context;
  let need = costOfSize(deal.addAtoms, scale, feeAsset, params.leverage);
  for (const [index, step] of deal.safety.entries())
    if (liveOrder(state.board, `safety:${index + 1}`) === undefined)
      need += costOfSize((step.lots - step.filledLots) * step.ticks, scale, feeAsset, params.leverage);
  return need;
}
