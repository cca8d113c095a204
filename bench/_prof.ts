import { runBacktest } from '#app/backtest/backtest.ts';
import { grid } from '#strategies/grid.ts';
import { movingAverageCross } from '#strategies/moving-average-cross.ts';
import { randomWalk } from './history.ts';
const INSTRUMENT = {
  venue: 'bench', symbol: 'ABC/USDT', base: 'ABC', quote: 'USDT', kind: 'spot', settle: 'USDT', perpetual: null, priceIncrement: '0.01', sizeIncrement: '0.001',
  minPrice: '0.01', maxPrice: null, minSize: '0.001', maxSize: null, minNotional: '5', makerFeeRate: '0.001', takerFeeRate: '0.001', status: 'trading' } as const;
const walk = randomWalk({ seed: 20_261_120, length: 1_000_000, startTicks: 10_000, swingTicks: 60, lowestTicks: 7_500, highestTicks: 12_500 });
const trending = randomWalk({ seed: 20_261_120, length: 1_000_000, startTicks: 10_000, swingTicks: 50, momentum: 0.6, lowestTicks: 7_500, highestTicks: 12_500 });
const which = process.argv[2] ?? 'ma';
const free = { ...INSTRUMENT, makerFeeRate: '0', takerFeeRate: '0' };
const run = () => which === 'ma' ? runBacktest({ strategy: movingAverageCross as never, config: { average: 'sma', fast: 10, slow: 50, timeframe: '1m', investment: '10000' }, instrument: INSTRUMENT, bars: trending })
  : runBacktest({ strategy: grid as never, config: { lower_price: '80', upper_price: '120', levels: 20, investment: '10000' }, instrument: INSTRUMENT, bars: walk });
const n = Number(process.argv[3] ?? 10); const times: number[] = [];
let r = run();
for (let i = 0; i < n; i++) { const c = process.cpuUsage(); const t = performance.now(); r = run(); const d = performance.now() - t; const u = process.cpuUsage(c); times.push((u.user + u.system) / 1000); if (process.argv[4]) console.log(`${d.toFixed(1)} ms wall, ${((u.user + u.system) / 1000).toFixed(1)} ms cpu, ${(1000 / d).toFixed(2)} M/s`); }
console.log(r.orders, r.trades, r.profit, r.notesDropped);
times.sort((a, b) => a - b); console.log(`${which}: cpu ms min ${times[0]?.toFixed(1)} median ${times[times.length >> 1]?.toFixed(1)}`);
