/**
 * The deterministic simulation.
 */
import { simulate } from '../test/simulation/world.ts';
const from = Number(process.argv[2] ?? 1);
const count = Number(process.argv[3] ?? 1);
process.on('unhandledRejection', (e) => { console.log('UNHANDLED', e); });
const t = performance.now();
let orders = 0, fills = 0, steps = 0;
const conv: number[] = [];
for (let seed = from; seed < from + count; seed += 1) {
  const o = await simulate(seed);
  orders += o.orders; fills += o.fills; steps += o.steps; conv.push(o.convergedMs);
  if (o.violations.length > 0) { console.log(seed, o.violations.slice(0, 3).map((v) => `${v.id} ${v.text}`)); if (count === 1) console.log(o.timeline.join('\n')); }
}
const s = (performance.now() - t) / 1000;
console.log({ s, perS: count / s, orders, fills, steps, conv: conv.sort((a, b) => b - a).slice(0, 5) });
