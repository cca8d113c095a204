/** The process that has the owner's session: what it does with one that it cannot open, that was ended, or that it has to let go. */
import { expect, it } from 'vitest';
import { PortError } from '#core/errors.ts';
import type { NewFact } from '#core/facts.ts';
import type { UserSession, UserSessionStatus } from '#core/telegram-user/store.ts';
import { ManualClock, settle } from '#test/support/manual-clock.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { LOOK_MS, UserDesk } from './user-desk.ts';

/** Everything around a desk, in memory; Telegram answers as it is told. */
function world(answers: { readonly find?: string; readonly logOut?: string } = {}) {
  const clock = new ManualClock();
  const state = { status: 'active' as UserSessionStatus, isThere: true, opens: true, opened: 0, closed: 0 };
  const facts: NewFact[] = [];
  const session = (): UserSession => ({ id: 's', userId: 'ann', name: 'Ann', sealed: 'sealed', keyVersion: 1, status: state.status, createdAt: 1 });
  const telegramUser = {
    session: async () => (state.isThere ? session() : null),
    mark: async (_id: string, status: UserSessionStatus) => {
      state.status = status;
      return true;
    },
    drop: async () => {
      state.isThere = false;
    },
    readings: async () => [{ sourceId: 'a', userId: 'ann', channel: '@one', found: null, problem: null }],
    note: async () => undefined,
  };
  const answer = (problem: string | undefined) => ({ isOk: problem === undefined, problem, description: problem, retryAfterMs: null, result: null });
  const users = {
    open: () => {
      state.opened += 1;
      return {
        find: async () => answer(answers.find ?? 'unreachable'),
        logOut: async () => answer(answers.logOut),
        close: async () => {
          state.closed += 1;
        },
      };
    },
  };
  const vault = {
    open: () => {
      if (!state.opens) throw new PortError('configuration_invalid', 'a sealed secret cannot be opened', { outcome: 'failed' });
      return 'session';
    },
  };
  const store = { telegramUser, posts: {}, facts: { add: async (fact: NewFact) => void facts.push(fact) } };
  const desk = new UserDesk({ store, users, vault, intake: { take: async () => 0 }, clock, log: quietLog() } as never);
  return { clock, state, facts, desk };
}

it('says that a session does not open under this master key, and asks Telegram nothing', async () => {
  const { desk, state, clock } = world();
  state.opens = false;
  await desk.start();
  await settle();
  expect(desk.standing()).toEqual({ mode: 'unopened' });
  state.opens = true;
  await clock.advance(LOOK_MS);
  expect(desk.standing()).toMatchObject({ mode: 'reading', silentSince: clock.now() });
  expect(state).toMatchObject({ opened: 1, closed: 0 });
  await desk.close();
  expect(state.closed).toBe(1);
});

it('tells of a session that was ended, and lets it go', async () => {
  const { desk, state, facts, clock } = world({ find: 'revoked' });
  await desk.start();
  await clock.advance(3 * LOOK_MS);
  expect(desk.standing()).toEqual({ mode: 'revoked' });
  expect(facts).toMatchObject([{ dedupeKey: 'telegram_session:s', userId: 'ann', type: 'telegram_session_ended' }]);
  expect(state).toMatchObject({ status: 'revoked', opened: 1, closed: 1 });
  await desk.close();
});

it('ends a session as soon as Telegram hears of it', async () => {
  const answers = { logOut: 'unreachable' as string | undefined };
  const { desk, state, clock } = world(answers as never);
  state.status = 'leaving';
  await desk.start();
  await clock.advance(3 * LOOK_MS);
  expect({ ...desk.standing(), isThere: state.isThere }).toEqual({ mode: 'leaving', isThere: true });
  answers.logOut = undefined;
  await clock.advance(3 * LOOK_MS);
  expect({ ...desk.standing(), isThere: state.isThere }).toEqual({ mode: 'no_session', isThere: false });
  expect(state.closed).toBe(state.opened);
  await desk.close();
});

it('opens nothing once it is closed, whatever was under way', async () => {
  const { desk, state, clock } = world();
  await desk.start();
  await desk.close();
  await clock.advance(10 * LOOK_MS);
  expect(state.opened).toBe(state.closed);
});
