import { expect, it } from 'vitest';
import type { BotRecord } from '#core/store/bots.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { MAX_OPENINGS, MAX_OPENINGS_OF_ACCOUNT, Openings } from './openings.ts';

function setUp() {
  const opened: string[] = [];
  const ends: (() => void)[] = [];
  const may = { begin: true };
  const open = (bot: BotRecord) => {
    opened.push(bot.id);
    return new Promise<void>((resolve) => void ends.push(resolve));
  };
  return { openings: new Openings(open, quietLog(), () => may.begin), opened, ends, may };
}

const bots = (count: number, accounts: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `b${index}`, accountId: `a${index % accounts}` }) as unknown as BotRecord);

it('begins so many at once in all, and so many of an account', () => {
  const many = setUp();
  many.openings.offer(bots(100, 100));
  expect(many.opened).toHaveLength(MAX_OPENINGS);
  const one = setUp();
  one.openings.offer(bots(100, 1));
  expect(one.opened).toHaveLength(MAX_OPENINGS_OF_ACCOUNT);
});

it('begins nothing more while it may not, and goes on with what is offered then', async () => {
  const { openings, opened, ends, may } = setUp();
  may.begin = false;
  openings.offer(bots(3, 3));
  expect(opened).toEqual([]);
  may.begin = true;
  openings.offer(bots(3, 3));
  expect(opened).toEqual(['b0', 'b1', 'b2']);
  for (const end of ends) end();
  await openings.close();
});
