/** With which code a socket is closed, and why; those from 4400 on follow the HTTP statuses they resemble. */
import type { EndReason } from '#app/live/spectator.ts';

export const CLOSE = {
  goingAway: [1001, 'the server ends; connect again'],
  tryLater: [1013, 'too slow to follow; connect again and resume'],
  badMessage: [4400, 'a message could not be read'],
  unauthenticated: [4401, 'not logged in, or not any more'],
  planRequired: [4403, 'the plan does not include this'],
  authTimeout: [4408, 'no authentication in time'],
  tooMany: [4429, 'too many sockets or messages'],
  unavailable: [1013, 'cannot be served right now; try again'],
} as const satisfies Record<string, readonly [code: number, reason: string]>;

export type CloseName = keyof typeof CLOSE;

export const CLOSE_OF: Readonly<Record<EndReason, CloseName>> = {
  slow: 'tryLater',
  session_ended: 'unauthenticated',
  plan_ended: 'planRequired',
  closing: 'goingAway',
};
