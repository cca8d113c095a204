/** How many sockets one process and one address may have open, and what whoever wants one more is told. */
import { AppError } from '#core/errors.ts';

/** Sockets of one process. */
export const MAX_SOCKETS = 5_000;
/** Sockets of one address, in one process. */
export const SOCKETS_PER_ADDRESS = 100;
/** Of those, sockets that have not proven yet who they are. */
export const UNKNOWN_PER_ADDRESS = 20;
/** Whoever is refused may ask again after this: by then the dead have been found. */
export const ROOM_RETRY_MS = 25_000;

/** One that is open. */
export interface Seat {
  readonly address: string;
  readonly connection: { readonly isKnown: boolean };
}

/** Throws AppError `rate_limited` with the limit that is reached, and when to ask again. */
export function assertRoom(seats: ReadonlySet<Seat>, address: string): void {
  if (seats.size >= MAX_SOCKETS) throw full(`This server has ${MAX_SOCKETS} sockets open, and no more can be`);
  const neighbours = [...seats].filter((seat) => seat.address === address);
  if (neighbours.length >= SOCKETS_PER_ADDRESS) throw full(`Your address has ${SOCKETS_PER_ADDRESS} sockets open, and no more can be; close some`);
  if (neighbours.filter(({ connection }) => !connection.isKnown).length >= UNKNOWN_PER_ADDRESS)
    throw full(`Your address has ${UNKNOWN_PER_ADDRESS} sockets open that have not said who they are; log them in or close some`);
}

function full(reason: string): AppError {
  return new AppError('rate_limited', `${reason}; or try again in ${ROOM_RETRY_MS / 1_000} s.`, [], ROOM_RETRY_MS);
}
