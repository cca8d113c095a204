/** Choices of connected users: one book each, no more than there can be, and none lost by whoever still follows. */
import { expect, it } from 'vitest';
import { memoryBus } from '#adapters/bus/memory.ts';
import { CHOICES_CHANGED } from '#app/signal-views/signal-views.ts';
import { NO_CHOICES } from '#core/signals/choices.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { ChoicesBook, MAX_BOOKS } from './choices-book.ts';

function opened() {
  const muted = new Map<string, readonly string[]>();
  const bus = memoryBus(quietLog());
  const views = {
    choices: async (userId: string) => ({ ...NO_CHOICES, mutedBases: muted.get(userId) ?? [] }),
    hidden: async () => [],
  };
  return { books: new ChoicesBook(views as never, bus), bus, muted };
}

it('goes on telling a socket of its user’s changes, however many others have come and gone since', async () => {
  const { books, bus, muted } = opened();
  const mine = await books.of('me');
  const leave = books.followed('me');
  for (let other = 0; other < MAX_BOOKS + 10; other += 1) {
    await books.of(`user${other}`);
    books.followed(`user${other}`)();
  }
  muted.set('me', ['ABC']);
  bus.publish(CHOICES_CHANGED, { userId: 'me' });
  await expect.poll(() => mine.choices.mutedBases).toEqual(['ABC']);
  leave();
  expect(books.size).toBe(MAX_BOOKS);
  books.close();
});

it('has no more books than users can follow, and says so to the next', async () => {
  const { books } = opened();
  const leaves = [];
  for (let user = 0; user < MAX_BOOKS; user += 1) {
    await books.of(`user${user}`);
    leaves.push(books.followed(`user${user}`));
  }
  await expect(books.of('late')).rejects.toMatchObject({
    code: 'rate_limited',
    message: '5000 users follow the signals here, and no more can; try again later.',
  });
  expect(books.size).toBe(MAX_BOOKS);
  // Who is there already subscribes as often as he likes.
  await books.of('user7');
  leaves[0]?.();
  await books.of('late');
  expect(books.size).toBe(MAX_BOOKS);
  books.close();
});

it('gives up books of those who broke off before others are refused', async () => {
  const { books } = opened();
  for (let user = 0; user < MAX_BOOKS + 5; user += 1) await books.of(`user${user}`);
  expect(books.size).toBe(MAX_BOOKS);
  books.close();
});

it('holds the book of a user until the last of his sockets has gone', async () => {
  const { books } = opened();
  const mine = await books.of('me');
  const [one, other] = [books.followed('me'), books.followed('me')];
  const others = async (): Promise<void> => {
    for (let user = 0; user < MAX_BOOKS; user += 1) await books.of(`user${user}`);
  };
  one();
  await others();
  expect(await books.of('me')).toBe(mine);
  other();
  await others();
  expect(await books.of('me')).not.toBe(mine);
  books.close();
});
