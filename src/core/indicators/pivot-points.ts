/** Pivot points of the floor traders: levels that the session before leaves to the present one. */
import { barIndicator } from '../indicator.ts';
import { SESSION_HOURS, sessionOf } from './_session.ts';

interface PivotState {
  readonly hours: number;
  session: number;
  /** Of the session under way. */
  present: { high: number; low: number; close: number } | null;
  before: { high: number; low: number; close: number } | null;
}

interface PivotReading extends Readonly<Record<string, number>> {
  readonly pivot: number;
  readonly r1: number;
  readonly r2: number;
  readonly r3: number;
  readonly s1: number;
  readonly s2: number;
  readonly s3: number;
}

export const pivotPoints = barIndicator({
  name: 'pivot_points',
  title: { en: 'Pivot points', ru: 'Точки разворота' },
  summary: {
    en: 'Pivot, three resistances and three supports from high, low and close of the session before, in the unit of the price; sessions are days of UTC.',
    ru: 'Точка разворота, три сопротивления и три поддержки по максимуму, минимуму и закрытию прошлой сессии, в единицах цены; сессии — сутки UTC.',
  },
  settings: { session_hours: SESSION_HOURS },
  outputs: ['pivot', 'r1', 'r2', 'r3', 's1', 's2', 's3'],
  // How many bars a session has is not known here; the least is one.
  warmUp: () => 2,
  start: ({ session_hours: hours }): PivotState => ({ hours, session: -1, present: null, before: null }),
  update(state, bar): PivotReading | null {
    const session = sessionOf(bar, state.hours);
    if (session !== state.session) {
      state.session = session;
      state.before = state.present;
      state.present = null;
    }
    const { present, before } = state;
    state.present = { high: Math.max(bar.high, present?.high ?? bar.high), low: Math.min(bar.low, present?.low ?? bar.low), close: bar.close };
    if (before === null) return null;
    const { high, low, close } = before;
    const pivot = (high + low + close) / 3;
    return {
      pivot,
      r1: 2 * pivot - low,
      r2: pivot + (high - low),
      r3: high + 2 * (pivot - low),
      s1: 2 * pivot - high,
      s2: pivot - (high - low),
      s3: low - 2 * (high - pivot),
    };
  },
});
