/** Every strategy in this folder; made by `npm run generate` from the file names. */
import type { Strategy } from '#core/strategy.ts';
import { bollingerReversion } from './bollinger-reversion.ts';
import { dca } from './dca.ts';
import { donchianBreakout } from './donchian-breakout.ts';
import { grid } from './grid.ts';
import { iceberg } from './iceberg.ts';
import { ladder } from './ladder.ts';
import { macdCross } from './macd-cross.ts';
import { movingAverageCross } from './moving-average-cross.ts';
import { rebalance } from './rebalance.ts';
import { recurringBuy } from './recurring-buy.ts';
import { rsi } from './rsi.ts';
import { signalFollower } from './signal-follower.ts';
import { smartTrade } from './smart-trade.ts';
import { spotFuturesArbitrage } from './spot-futures-arbitrage.ts';
import { supertrend } from './supertrend.ts';
import { twap } from './twap.ts';

export const STRATEGIES: readonly Strategy[] = [bollingerReversion, dca, donchianBreakout, grid, iceberg, ladder, macdCross, movingAverageCross, rebalance, recurringBuy, rsi, signalFollower, smartTrade, spotFuturesArbitrage, supertrend, twap];
