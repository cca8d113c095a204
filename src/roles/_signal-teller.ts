/** Users are told of signals by one worker of all. */

import { Shift } from '#app/fleet/shift.ts';
import { SignalTeller } from '#app/signals/signal-teller.ts';
import { SCANNERS } from '#scanners/index.gen.ts';
import type { Closing } from './_closing.ts';
import type { Parts } from './_parts.ts';

export function tellSignals(parts: Parts, closing: Closing): void {
  const titles = new Map(SCANNERS.map(({ name, title }) => [name, title]));
  const shift = new Shift({ ...parts, subject: 'signals:telling' }, () => new SignalTeller({ ...parts, titles }));
  closing.add('telling of signals', () => shift.close());
  shift.start();
}
