/** Waits until a run is over, with a bar of how far it is; Ctrl+C ends the waiting. */
import { pause } from '#app/history/patient-asking.ts';
import { speaker } from '../command.ts';
import type { Operator } from '../operator.ts';
import { withProgress } from '../progress.ts';

/** How often it is looked how far it is. */
const LOOK_EVERY_MS = 300;
const OVER = ['done', 'failed', 'cancelled', 'paused'];

/** As far as waiting is concerned. */
export interface Watched {
  readonly state: string;
  readonly failure: string;
}

/** What is waited for: how to look at it, how far it is then, and what Ctrl+C does to it. */
export interface Watching<Item extends Watched> {
  readonly title: string;
  readonly look: () => Promise<Item>;
  readonly share: (item: Item) => number;
  readonly note?: (item: Item) => string;
  readonly interrupt: () => Promise<unknown>;
}

/** It as it is when it is over, or as it was when Ctrl+C was pressed. `isSilent` where nothing but the result is to be printed. */
export async function watch<Item extends Watched>(
  operator: Operator,
  { title, look, share, note, interrupt }: Watching<Item>,
  isSilent: boolean,
): Promise<Item> {
  const stop = operator.terminal.interruption();
  const work = async (report: (share: number, note: string) => void): Promise<Item> => {
    for (;;) {
      const item = await look();
      if (OVER.includes(item.state)) return item;
      if (stop.isAsked()) {
        await interrupt();
        return look();
      }
      report(share(item), note?.(item) ?? '');
      await pause({ clock: operator.clock, stop }, LOOK_EVERY_MS);
    }
  };
  try {
    return await (isSilent ? work(() => undefined) : withProgress(operator.terminal, title, work));
  } finally {
    stop.close();
  }
}

/** The exit code of a run, after saying why it is not done. */
export function verdictOn(operator: Operator, { state, failure }: Watched): number {
  if (state === 'done') return 0;
  const say = speaker(operator);
  if (state === 'failed') operator.terminal.print(say(`It failed: ${failure}`, `Не удалось: ${failure}`));
  else operator.terminal.print(say(`It is ${state}.`, `Состояние: ${state}.`));
  return 1;
}
