import { describe, expect, it } from 'vitest';
import type { Vault } from '#core/ports.ts';
import type { AccountRecord } from '#core/store/accounts.ts';
import type { Store } from '#core/store/store.ts';
import type { TradingSession, Venue } from '#core/venue-ports.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { Desks } from './desks.ts';

const ACCOUNT = { id: 'account', sealed: null } as AccountRecord;

function setUp() {
  const told: string[] = [];
  const session = () => {
    told.push('open');
    return { clockOffsetMs: async () => 0, listen: async () => undefined, close: async () => void told.push('close') } as unknown as TradingSession;
  };
  const venue = { id: 'venue', credentials: [], session, capabilities: { requestWindowMs: 5_000 } } as unknown as Venue;
  const desks = new Desks({
    store: {} as Store,
    clock: new ManualClock(),
    log: quietLog(),
    vault: {} as Vault,
    installation: 1,
    onTrouble: () => undefined,
  });
  return { desks, venue, told };
}

describe('desks', () => {
  it('are opened once for all who use them and closed after the last has left', async () => {
    const { desks, venue, told } = setUp();
    const [first, second] = await Promise.all([desks.of(ACCOUNT, venue, 'bot:1'), desks.of(ACCOUNT, venue, 'bot:1')]);
    expect(second.desk).toBe(first.desk);
    await desks.leave(ACCOUNT, venue, 'bot:1');
    expect(told).toEqual(['open']);
    await desks.leave(ACCOUNT, venue, 'bot:1');
    expect(told).toEqual(['open', 'close']);
  });

  it('stay open for one who has asked for them and is not seated yet', async () => {
    const { desks, venue, told } = setUp();
    await desks.of(ACCOUNT, venue, 'bot:1');
    const late = desks.of(ACCOUNT, venue, 'bot:1');
    await desks.leave(ACCOUNT, venue, 'bot:1');
    await late;
    expect(told).toEqual(['open']);
  });
});
