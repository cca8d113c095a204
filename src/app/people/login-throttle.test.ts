import { describe, expect, it } from 'vitest';
import type { Clock } from '#core/ports.ts';
import { MAX_REMEMBERED } from './buckets.ts';
import { LoginThrottle } from './login-throttle.ts';

function clockAt(start: number): Clock & { at: number } {
  const clock = { at: start, now: () => clock.at, after: () => () => undefined };
  return clock;
}

const wrong = async () => null;
const right = async () => 'in';
const LIMITS = { perAddress: 6, perEmail: 3, hashesAtOnce: 2 };

describe('the login throttle', () => {
  it('sends away the attempt after the last allowed for an e-mail, whatever address it comes from', async () => {
    const throttle = new LoginThrottle(clockAt(0), LIMITS);
    for (const address of ['a', 'b', 'c']) expect(await throttle.attempt(address, 'x@y.z', wrong)).toBeNull();
    let ran = false;
    await expect(
      throttle.attempt('d', 'x@y.z', async () => {
        ran = true;
        return null;
      }),
    ).rejects.toMatchObject({ code: 'rate_limited', retryAfterMs: 30_000 });
    expect(ran, 'no password is hashed for an attempt that is sent away').toBe(false);
  });

  it('sends away an address that tries many e-mails, and lets it in again with time', async () => {
    const clock = clockAt(0);
    const throttle = new LoginThrottle(clock, LIMITS);
    for (let index = 0; index < 6; index += 1) await throttle.attempt('a', `${index}@y.z`, wrong);
    await expect(throttle.attempt('a', '7@y.z', right)).rejects.toMatchObject({ code: 'rate_limited', retryAfterMs: 10_000 });
    expect(await throttle.attempt('b', '7@y.z', right)).toBe('in');
    clock.at = 10_000;
    expect(await throttle.attempt('a', '7@y.z', right)).toBe('in');
  });

  it('gives the count of a success back', async () => {
    const throttle = new LoginThrottle(clockAt(0), LIMITS);
    for (let index = 0; index < 20; index += 1) expect(await throttle.attempt('a', 'x@y.z', right)).toBe('in');
  });

  it('runs no more checks at once than allowed', async () => {
    const throttle = new LoginThrottle(clockAt(0), LIMITS);
    let open: (value: null) => void = () => undefined;
    const gate = new Promise<null>((resolve) => {
      open = resolve;
    });
    const running = [throttle.attempt('a', '1', () => gate), throttle.attempt('b', '2', () => gate)];
    await expect(throttle.attempt('c', '3', right)).rejects.toMatchObject({ code: 'rate_limited', retryAfterMs: 1000 });
    open(null);
    await Promise.all(running);
    expect(await throttle.attempt('c', '3', right)).toBe('in');
  });

  it('remembers a bounded number of addresses and e-mails', async () => {
    const throttle = new LoginThrottle(clockAt(0), LIMITS);
    for (let index = 0; index < MAX_REMEMBERED; index += 1) await throttle.attempt(`a${index}`, `${index}@y.z`, wrong);
    expect(throttle.remembered).toBe(MAX_REMEMBERED);
  });
});
