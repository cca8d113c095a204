/** Waiting for what comes true by itself: one way and one patience for all tests. */

/**
 * Milliseconds after which a wait is given up. It says how long a broken test takes, never how quick something has to be: a
 * machine that is busy needs many times what a quiet one does. Half of what a test may take, so that the wait fails by its name.
 */
export const PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 5;

/** Waits for a condition that soon comes true by itself; fails by name when it does not, with what `explain` knows of it. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  patienceMs = PATIENCE_MS,
  explain: () => unknown = () => undefined,
): Promise<void> {
  const giveUpAt = performance.now() + patienceMs;
  while (!(await condition())) {
    if (performance.now() > giveUpAt) {
      const known = JSON.stringify(await explain(), (_key, value: unknown) => (value instanceof Error ? value.stack : value));
      throw new Error(`waited ${patienceMs} ms in vain until ${what}${known === undefined ? '' : `; ${known}`}`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
