/** How often Telegram is asked, and what happens to posts when it, or what is behind us, does not want them now. */
import { describe, expect, it } from 'vitest';
import { PortError } from '#core/errors.ts';
import type { ChannelNews } from '#core/posts/channel-news.ts';
import type { PostSource } from '#core/posts/post-store.ts';
import type { ChannelChanges, ChannelPlace, FoundChannel, TelegramUser, TelegramUserAnswer, TelegramUserProblem } from '#core/telegram-user/port.ts';
import type { ChannelReading, ReadingProblem } from '#core/telegram-user/store.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { ChannelReader, FAILED_PAUSE_MS, LATEST_MS, LOST_PAUSE_MS, MAX_AGE_MS, SOONEST_MS, UNREACHABLE_PAUSE_MS } from './channel-reader.ts';

const PLACE = { pts: 10, lastMessageId: 5 };
const NOW = 1_700_000_000_000;
const said = (messageId: string, postedAt = NOW): ChannelNews => ({
  ...{ kind: 'said', chatId: '-1001', messageId, edit: 0, text: 'text', entities: [], replyTo: null, postedAt },
});
const gone = (messageId: string): ChannelNews => ({ kind: 'withdrawn', chatId: '-1001', messageId });
const refused = (problem: TelegramUserProblem, retryAfterMs: number | null = null) => ({ isOk: false, problem, description: 'WHY', retryAfterMs }) as const;
const changed = (more: Partial<ChannelChanges> = {}): TelegramUserAnswer<ChannelChanges> => ({
  isOk: true,
  result: { news: [], place: PLACE, isFinal: true, nextAfterMs: null, hasGap: false, ...more },
});

/** Everything around a reader, in memory. */
function world(channels: readonly string[] = ['@one']) {
  const clock = new ManualClock(NOW);
  const readings: ChannelReading[] = channels.map((channel) => ({
    ...{ sourceId: channel, userId: 'ann', channel, problem: null },
    found: { channelId: '1', accessHash: '2', chatId: '-1001', place: PLACE },
  }));
  const answers: (TelegramUserAnswer<ChannelChanges> | TelegramUserAnswer<FoundChannel>)[] = [];
  const [asked, taken, moved, waits]: [string[], ChannelNews[], ChannelPlace[], (number | Error)[]] = [[], [], [], []];
  const edit = (sourceId: string, change: Partial<ChannelReading>): void => {
    const index = readings.findIndex((each) => each.sourceId === sourceId);
    const before = readings[index];
    if (before !== undefined) readings[index] = { ...before, ...change };
  };
  const answer = async (name: string) => {
    asked.push(name);
    return answers.shift() ?? changed();
  };
  const user = { find: answer, changes: async () => answer('changes'), logOut: async () => changed(), close: async () => undefined } as unknown as TelegramUser;
  const telegramUser = {
    bind: async ({ sourceId }: ChannelReading, found: FoundChannel): Promise<ReadingProblem | null> => {
      edit(sourceId, { found });
      return null;
    },
    move: async ({ sourceId }: ChannelReading, place: ChannelPlace) => {
      moved.push(place);
      edit(sourceId, { problem: null });
    },
    note: async ({ sourceId }: ChannelReading, problem: ReadingProblem) => edit(sourceId, { problem }),
  };
  const store = { telegramUser, posts: { source: async () => ({ id: 'source' }) as unknown as PostSource } };
  const intake = {
    take: async (_source: PostSource, news: ChannelNews) => {
      const wait = waits.shift() ?? 0;
      if (wait instanceof Error) throw wait;
      if (wait === 0) taken.push(news);
      return wait;
    },
  };
  const reader = new ChannelReader({ store: store as never, user, intake, clock, log: quietLog() });
  return { clock, readings, answers, asked, taken, moved, waits, reader, round: () => reader.round([...readings]) };
}

describe('Telegram is asked', () => {
  it.each([
    ['when it wants to be', 7_000, 7_000],
    ['no sooner than this', 1, SOONEST_MS],
    ['no later than this', 3_600_000, LATEST_MS],
    ['this often where it does not say', null, LATEST_MS],
  ])('%s', async (_name, nextAfterMs, expected) => {
    const { answers, asked, round, reader, clock } = world();
    answers.push(changed({ nextAfterMs }));
    await round();
    expect(reader.restMs()).toBe(expected);
    await clock.advance(expected - 1);
    await round();
    expect(asked).toHaveLength(1);
    await clock.advance(1);
    await round();
    expect(asked).toHaveLength(2);
  });

  it('at once for what is left, and goes on from there', async () => {
    const { answers, moved, taken, round, reader } = world();
    answers.push(changed({ news: [said('6')], place: { pts: 11, lastMessageId: 6 }, isFinal: false, nextAfterMs: 9_000 }));
    await round();
    expect(reader.restMs()).toBe(0);
    expect({ taken, moved }).toEqual({ taken: [said('6')], moved: [{ pts: 11, lastMessageId: 6 }] });
  });

  it('for no channel at all while it wants to be left in peace', async () => {
    const { answers, asked, round, reader, clock } = world(['@one', '@two']);
    answers.push(refused('wait', 40_000));
    await round();
    expect({ asked: asked.length, rest: reader.restMs(), until: reader.standing().waitUntil }).toEqual({ asked: 1, rest: 40_000, until: clock.now() + 40_000 });
    await clock.advance(39_999);
    await round();
    expect(asked).toHaveLength(1);
    await clock.advance(1);
    await round();
    expect(asked).toHaveLength(3);
    expect(reader.standing().waitUntil).toBeNull();
  });

  it('again soon when it does not answer, and it shows since when', async () => {
    const { answers, round, reader, clock } = world();
    const since = clock.now();
    answers.push(refused('unreachable'), refused('unreachable'));
    await round();
    await clock.advance(UNREACHABLE_PAUSE_MS);
    await round();
    expect(reader.standing()).toMatchObject({ silentSince: since, waitUntil: null });
    await clock.advance(UNREACHABLE_PAUSE_MS);
    await round();
    expect(reader.standing().silentSince).toBeNull();
  });

  it('seldom for a channel that cannot be read, while others go on', async () => {
    const { answers, asked, readings, round, clock, reader } = world(['@one', '@two']);
    answers.push(refused('no_access'), changed({ nextAfterMs: 5_000 }));
    await round();
    expect(readings.map(({ problem }) => problem)).toEqual(['no_access', null]);
    await clock.advance(5_000);
    await round();
    expect(asked).toHaveLength(3);
    expect(reader.standing().failing).toEqual({ no_access: 1 });
    await clock.advance(FAILED_PAUSE_MS);
    await round();
    expect(readings.map(({ problem }) => problem)).toEqual([null, null]);
  });

  it('once a day for a channel that is not there, and at once when it is named anew', async () => {
    const { answers, asked, readings, round, clock } = world();
    const [first] = readings;
    if (first === undefined) throw new Error('no reading');
    readings[0] = { ...first, found: null };
    answers.push(refused('no_channel'), refused('no_channel'));
    await round();
    await clock.advance(LOST_PAUSE_MS - 1);
    await round();
    expect(asked).toEqual(['@one']);
    await clock.advance(1);
    await round();
    expect(asked).toEqual(['@one', '@one']);
    readings[0] = { ...first, found: null };
    await round();
    expect(asked).toHaveLength(3);
  });

  it('for the address of a channel once, and by another name anew', async () => {
    const { answers, asked, readings, round, clock } = world();
    const [first] = readings;
    if (first === undefined) throw new Error('no reading');
    readings[0] = { ...first, found: null };
    const found = { channelId: '1', accessHash: '2', chatId: '-1001', title: 'One', place: PLACE };
    answers.push({ isOk: true, result: found });
    await round();
    await round();
    await clock.advance(LATEST_MS);
    await round();
    expect(asked).toEqual(['@one', 'changes', 'changes']);
    readings[0] = { ...first, channel: '@other', found: null };
    await round();
    expect(asked.at(-1)).toBe('@other');
  });

  it('no more once the session was ended: the reason is handed on', async () => {
    const { answers, asked, round } = world(['@one', '@two']);
    answers.push(refused('revoked'));
    expect(await round()).toBe('WHY');
    expect(asked).toHaveLength(1);
  });
});

describe('posts', () => {
  it('that are too many at once wait, and none is lost or fetched twice', async () => {
    const { answers, asked, taken, moved, waits, round, reader, clock } = world();
    answers.push(changed({ news: [said('6'), said('7'), said('8')], place: { pts: 13, lastMessageId: 8 } }));
    waits.push(0, 900);
    await round();
    expect({ taken: taken.length, moved: moved.length, rest: reader.restMs() }).toEqual({ taken: 1, moved: 0, rest: 900 });
    await clock.advance(900);
    await round();
    expect(taken).toEqual([said('6'), said('7'), said('8')]);
    expect({ asked: asked.length, moved }).toEqual({ asked: 1, moved: [{ pts: 13, lastMessageId: 8 }] });
  });

  it('that the database did not take are brought again, and the place is not passed', async () => {
    const { answers, taken, moved, waits, round } = world();
    answers.push(changed({ news: [said('6'), said('7')], place: { pts: 12, lastMessageId: 7 } }));
    waits.push(0, new PortError('store_unavailable', 'away', { outcome: 'failed' }));
    await expect(round()).rejects.toThrow('away');
    expect(moved).toEqual([]);
    await round();
    expect({ taken, moved }).toEqual({ taken: [said('6'), said('7')], moved: [{ pts: 12, lastMessageId: 7 }] });
  });

  it('that were deleted meanwhile are not acted upon, and their deletion is', async () => {
    const { answers, taken, round } = world();
    answers.push(changed({ news: [said('6'), said('7'), gone('6'), gone('2')], place: { pts: 14, lastMessageId: 7 } }));
    await round();
    expect(taken).toEqual([said('7'), gone('6'), gone('2')]);
  });

  it('of more than a day ago are passed over, and the place with them', async () => {
    const { answers, taken, moved, round } = world();
    const old = NOW - MAX_AGE_MS;
    answers.push(changed({ news: [said('6', old - 1), said('7', old), gone('3')], place: { pts: 13, lastMessageId: 7 } }));
    await round();
    expect({ taken, moved }).toEqual({ taken: [said('7', old), gone('3')], moved: [{ pts: 13, lastMessageId: 7 }] });
  });

  it('that could not be fetched are counted', async () => {
    const { answers, round, reader } = world();
    answers.push(changed({ hasGap: true, news: [said('900')], place: { pts: 1_000, lastMessageId: 900 } }));
    await round();
    expect(reader.standing()).toMatchObject({ gaps: 1, posts: 1, channels: 1 });
  });
});
