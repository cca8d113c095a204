/** A piece of an optimisation: its candles, some of its trials, or its end. */
import { doWork } from '../../optimize/work.ts';
import type { JobKind } from '../job-kind.ts';

export const optimization: JobKind = {
  kind: 'optimization',
  title: { en: 'Work on an optimisation', ru: 'Расчёт оптимизации' },
  run: doWork,
};
