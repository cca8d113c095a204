import { describe, expect, it } from 'vitest';
import type { NewFact } from '#core/facts.ts';
import type { Jobs } from '#core/jobs.ts';
import { MAX_VALUES, readTask, takeQueuedNotices } from './queue.ts';

describe('a task of the queue of notifications', () => {
  it('becomes one fact, however often it is done', async () => {
    const facts = new Map<string, NewFact>();
    const store = {
      facts: { add: async (fact: NewFact) => void facts.set(fact.dedupeKey, fact) },
      users: { byId: async (id: string) => (id === 'ann' ? {} : null) },
    };
    const handlers: ((job: never) => Promise<unknown>)[] = [];
    const work: Jobs['work'] = (_, handler) => {
      handlers.push(handler as never);
      return async () => undefined;
    };
    const stop = takeQueuedNotices({ work }, { store: store as never, clock: { now: () => 7, after: () => () => undefined } });
    const data = { user_id: 'ann', event_type: 'order_filled', data: { bot: 'Grid', price: 1.5 } };
    for (const _ of [1, 2]) await handlers[0]?.({ id: 'job-1', data } as never);
    expect([...facts.values()]).toEqual([
      { dedupeKey: 'queue:job-1', userId: 'ann', botId: null, type: 'order_filled', data: { bot: 'Grid', price: 1.5 }, at: 7 },
    ]);
    await expect(handlers[0]?.({ id: 'job-2', data: { ...data, user_id: 'nobody' } } as never)).rejects.toThrow('there is no user "nobody"');
    await stop();
  });

  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['without a user', { event_type: 'bot_error' }, 'user_id'],
    ['of an unknown type', { user_id: 'ann', event_type: 'nonsense' }, 'event_type must be one of bot_created'],
    ['with data that is a list', { user_id: 'ann', event_type: 'bot_error', data: [] }, 'data must be an object'],
    ['with a value that is no plain one', { user_id: 'ann', event_type: 'bot_error', data: { a: {} } }, 'data.a'],
    ['with a text that is too long', { user_id: 'ann', event_type: 'bot_error', data: { a: 'x'.repeat(1_001) } }, 'data.a'],
    ['with a name that is none', { user_id: 'ann', event_type: 'bot_error', data: { '<b>': 1 } }, 'data.<b>'],
    [
      'with too many values',
      { user_id: 'ann', event_type: 'bot_error', data: Object.fromEntries(Array.from({ length: MAX_VALUES + 1 }, (_, index) => [`a${index}`, 1])) },
      'at most 40',
    ],
  ])('%s says what is wrong', (_, task, problem) => {
    expect(() => readTask(task)).toThrow(problem);
  });
});
