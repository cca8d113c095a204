/** Where a bot stands, what its user wants of it, and what it trades with. */

export type Mode = 'paper' | 'live';
/** What the user wants of a bot; the runner works towards it. */
export type DesiredState = 'running' | 'paused' | 'stopped' | 'panicked';
export type BotStatus = 'stopped' | 'starting' | 'running' | 'pausing' | 'paused' | 'stopping' | 'error';
