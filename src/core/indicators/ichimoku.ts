/**
 * Ichimoku: middles of three ranges, and the cloud they make. The cloud at a bar is the one that was drawn ahead to it
 * earlier, and the lagging line (the close drawn back) is left out: it would tell of bars to come.
 */
import { barIndicator, bars } from '../indicator.ts';
import { isFull, newWindow, push, valueAt, type Window } from './_window.ts';

interface IchimokuState {
  readonly conversion: number;
  readonly base: number;
  highs: Window;
  lows: Window;
  leadA: Window;
  leadB: Window;
}

interface IchimokuReading extends Readonly<Record<string, number>> {
  readonly conversion: number;
  readonly base: number;
  readonly span_a: number;
  readonly span_b: number;
  readonly lead_a: number;
  readonly lead_b: number;
}

export const ichimoku = barIndicator({
  name: 'ichimoku',
  title: { en: 'Ichimoku', ru: 'Ишимоку' },
  summary: {
    en: 'Middle of the short range (conversion) and of the middle one (base), the cloud at this bar (span_a, span_b) and the one drawn ahead from it (lead_a, lead_b), in the unit of the price.',
    ru: 'Середина короткого диапазона (conversion) и среднего (base), облако на этом баре (span_a, span_b) и строящееся вперёд (lead_a, lead_b), в единицах цены.',
  },
  settings: { conversion: bars(9), base: bars(26), span: bars(52), displacement: bars(26) },
  outputs: ['conversion', 'base', 'span_a', 'span_b', 'lead_a', 'lead_b'],
  warmUp: ({ conversion, base, span, displacement }) => Math.max(conversion, base, span) + displacement,
  start({ conversion, base, span, displacement }): IchimokuState {
    const longest = Math.max(conversion, base, span);
    return { conversion, base, highs: newWindow(longest), lows: newWindow(longest), leadA: newWindow(displacement + 1), leadB: newWindow(displacement + 1) };
  },
  update(state, bar): IchimokuReading | null {
    const { highs, lows, leadA, leadB } = state;
    push(highs, bar.high);
    push(lows, bar.low);
    if (!isFull(highs)) return null;
    const conversion = middle(state, state.conversion);
    const base = middle(state, state.base);
    push(leadA, (conversion + base) / 2);
    push(leadB, middle(state, highs.size));
    if (!isFull(leadA)) return null;
    const back = leadA.size - 1;
    return { conversion, base, span_a: valueAt(leadA, back), span_b: valueAt(leadB, back), lead_a: valueAt(leadA, 0), lead_b: valueAt(leadB, 0) };
  },
});

function middle({ highs, lows }: IchimokuState, period: number): number {
  let top = Number.NEGATIVE_INFINITY;
  let bottom = Number.POSITIVE_INFINITY;
  for (let back = 0; back < period; back += 1) {
    top = Math.max(top, valueAt(highs, back));
    bottom = Math.min(bottom, valueAt(lows, back));
  }
  return (top + bottom) / 2;
}
