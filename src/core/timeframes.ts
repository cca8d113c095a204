/** Lengths of bars that a user may choose: those every venue keeps. Bars begin at multiples of their length since 1970, so days begin at midnight UTC. */
export const TIMEFRAMES = {
  '1m': 60_000,
  '5m': 300_000,
  '15m': 900_000,
  '30m': 1_800_000,
  '1h': 3_600_000,
  '4h': 14_400_000,
  '1d': 86_400_000,
} as const;

export type Timeframe = keyof typeof TIMEFRAMES;

export const TIMEFRAME_NAMES = ['1m', '5m', '15m', '30m', '1h', '4h', '1d'] as const satisfies readonly Timeframe[];
