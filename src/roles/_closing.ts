/** What has been opened, to be closed in reverse order whatever else fails. */
import type { Log } from '#core/ports.ts';

interface Step {
  readonly name: string;
  readonly close: () => Promise<void>;
}

export class Closing {
  readonly #steps: Step[] = [];

  add(name: string, close: () => Promise<void>): void {
    this.#steps.push({ name, close });
  }

  /** Closes the newest first. A part that cannot be closed is logged and does not keep the others from closing. */
  async run(log: Log): Promise<void> {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step.close();
      } catch (error) {
        log.error({ part: step.name, err: error }, 'a part could not be closed');
      }
    }
  }
}
