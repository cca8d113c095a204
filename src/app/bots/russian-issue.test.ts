/** What is wrong with settings, in Russian. */
import { describe, expect, it } from 'vitest';
import { russianIssue } from './russian-issue.ts';
import { CONDITIONS, FRAGMENTS, SENTENCES } from './russian-words.ts';

describe('an issue', () => {
  it.each([
    ['upper_price', 'must be above lower_price 70000, got 50000', 'должно быть больше lower_price 70000, указано 50000'],
    ['levels', 'must be between 2 and 500, got 1', 'должно быть от 2 до 500, указано 1'],
    ['step_percent', 'must be above 0, got 0; leave it out to go without', 'должно быть больше 0, указано 0; чтобы обойтись без этого, не указывайте'],
    [
      'investment',
      'gives orders of 0.00002 BTC at the line 50000; the venue takes no less than 0.00011 there, fee included: invest at least 113.15 USDT or use fewer levels',
      'даёт ордера по 0.00002 BTC на линии 50000; биржа принимает там не меньше 0.00011 с учётом комиссии: вложите не меньше 113.15 USDT или возьмите меньше уровней',
    ],
    [
      'range',
      'must be bounded: BTC/USDT:USDT is a perpetual, which is held without the coin',
      'должно быть bounded: BTC/USDT:USDT — бессрочный контракт, монеты при нём нет',
    ],
    ['start_conditions[0].left', 'close takes nothing', 'у close нет параметров'],
    ['note', 'nobody has said how', 'nobody has said how'],
    ['note', 'nobody takes nothing', 'nobody takes nothing'],
  ])('of %s that says "%s" says "%s"', (field, message, russian) => {
    expect(russianIssue({ field, message })).toEqual({ field, message: russian });
  });
});

describe.each(Object.entries({ SENTENCES, FRAGMENTS, CONDITIONS }))('%s', (_name, phrases) => {
  it('have as many gaps in either language, and none hides another', () => {
    for (const [english, russian] of phrases) expect(russian.split('{}').length, english).toBe(english.split('{}').length);
    expect(new Set(phrases.map(([english]) => english)).size).toBe(phrases.length);
  });

  it('are each found by their own words', () => {
    for (const [english, russian] of phrases) {
      const field = phrases === CONDITIONS ? 'conditions[0].left' : 'field';
      if (phrases !== FRAGMENTS) expect(russianIssue({ field, message: english.replaceAll('{}', '7') }).message).toBe(russian.replaceAll('{}', '7'));
    }
  });
});
