/**
 * Words of the core as they stand in SQL. The partial index of orders that are not over is used only by queries with
 * exactly this list.
 */

/** Order states that are final; a test holds them against the core's own. */
export const TERMINAL_STATES = `('denied', 'filled', 'rejected', 'cancelled', 'expired')`;
