/** The limits of sockets hold, and say which of them it was. */
import { describe, expect, it } from 'vitest';
import { AppError } from '#core/errors.ts';
import { assertRoom, MAX_SOCKETS, ROOM_RETRY_MS, type Seat, SOCKETS_PER_ADDRESS, UNKNOWN_PER_ADDRESS } from './socket-room.ts';

const seats = (count: number, addressOf: (index: number) => string, isKnown = true): Set<Seat> =>
  new Set(Array.from({ length: count }, (_, index) => ({ address: addressOf(index), connection: { isKnown } })));
const refusal = (open: ReadonlySet<Seat>, address = 'new'): unknown => {
  try {
    assertRoom(open, address);
    return null;
  } catch (error) {
    return error;
  }
};

describe('room for a socket', () => {
  it('is there up to the last of the process, whoever has the others', () => {
    expect(refusal(seats(MAX_SOCKETS - 1, String))).toBeNull();
    const refused = refusal(seats(MAX_SOCKETS, String));
    expect(refused).toBeInstanceOf(AppError);
    expect(refused).toMatchObject({
      code: 'rate_limited',
      message: 'This server has 5000 sockets open, and no more can be; or try again in 25 s.',
      retryAfterMs: ROOM_RETRY_MS,
    });
  });

  it('is there up to the last of the address, and others are none the worse for it', () => {
    expect(
      refusal(
        seats(SOCKETS_PER_ADDRESS - 1, () => 'one'),
        'one',
      ),
    ).toBeNull();
    const full = seats(SOCKETS_PER_ADDRESS, () => 'one');
    expect(refusal(full, 'one')).toMatchObject({ code: 'rate_limited', message: expect.stringContaining('Your address has 100 sockets open') });
    expect(refusal(full, 'other')).toBeNull();
  });

  it('is there for few who have not said who they are', () => {
    expect(
      refusal(
        seats(UNKNOWN_PER_ADDRESS - 1, () => 'one', false),
        'one',
      ),
    ).toBeNull();
    expect(
      refusal(
        seats(UNKNOWN_PER_ADDRESS, () => 'one', false),
        'one',
      ),
    ).toMatchObject({ message: expect.stringContaining('20 sockets open that have not said') });
    expect(
      refusal(
        seats(UNKNOWN_PER_ADDRESS, () => 'one'),
        'one',
      ),
    ).toBeNull();
  });
});
