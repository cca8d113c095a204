/** Where a bot stands, what its user wants of it, and what it trades with. */

export type Mode = 'paper' | 'live';
/** What the user wants of a bot; the runner works towards it. */
export type DesiredState = 'running' | 'paused' | 'stopped' | 'panicked';
export type BotStatus = 'stopped' | 'starting' | 'running' | 'pausing' | 'paused' | 'stopping' | 'error';

/**
 * What is to be known of settings that were searched for: `in_sample` when they were judged only by the history they were chosen on,
 * `out_of_sample_loss` when they lost money on the history the search had not seen.
 */
export type BotWarning = 'in_sample' | 'out_of_sample_loss';
