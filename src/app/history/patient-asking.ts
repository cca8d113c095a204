/** Asks a venue with patience: what fails for the moment is asked again after a pause, and a wish to stop ends every pause. */
import { PortError } from '#core/errors.ts';
import type { Clock, Log } from '#core/ports.ts';

/** Times a request is tried in all. */
export const MAX_TRIES = 7;
const FIRST_PAUSE_MS = 1_000;
/** No pause is longer, whatever the venue demands beyond it: then the work ends and can be begun again later. */
export const MAX_PAUSE_MS = 300_000;

/** A wish to end work that is under way. */
export interface Stop {
  isAsked(): boolean;
  /** Calls back once when it is asked for, at once if it has been; the returned function calls it off. */
  onAsked(callback: () => void): () => void;
}

export const NEVER_STOPS: Stop = { isAsked: () => false, onAsked: () => () => undefined };

/** Ended by whoever wanted to; what has been had is kept. */
export class Stopped extends Error {
  constructor() {
    super('stopped');
    this.name = 'Stopped';
  }
}

export interface AskingWorld {
  readonly clock: Clock;
  readonly log: Log;
  readonly stop: Stop;
}

/** The answer. Throws what the last try threw, at once for what will not pass by itself, and {@link Stopped}. */
export async function askPatiently<Answer>(world: AskingWorld, ask: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    if (world.stop.isAsked()) throw new Stopped();
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof PortError) || (error.code !== 'venue_unavailable' && error.code !== 'venue_rate_limited')) throw error;
      const pauseMs = Math.max(error.retryAfterMs ?? 0, FIRST_PAUSE_MS * 2 ** (tries - 1));
      if (tries >= MAX_TRIES || pauseMs > MAX_PAUSE_MS) throw error;
      world.log.info({ code: error.code, pauseMs, tries, problem: error.message }, 'the venue is asked again after a pause');
      await pause(world, pauseMs);
    }
  }
}

/** Waits so long, or until it is to stop. */
export function pause({ clock, stop }: Pick<AskingWorld, 'clock' | 'stop'>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    let forget: () => void = () => undefined;
    const callOff = clock.after(ms, () => {
      forget();
      resolve();
    });
    forget = stop.onAsked(() => {
      callOff();
      resolve();
    });
  });
}
