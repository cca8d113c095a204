import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textOfHtml } from '#test/telegram/markup.ts';
import { FACT_TYPES } from '../facts.ts';
import { inertLine, MAX_VALUE_LENGTH } from './inert.ts';
import { MAX_MESSAGE_LENGTH, messageOf, shownData, wordsOfNotice } from './message.ts';
import type { Language, NoticeRecord } from './notice.ts';
import { templateOf } from './templates.ts';
import { counted, namesIn, wordsOf } from './wording.ts';

const LANGUAGES: readonly Language[] = ['en', 'ru'];
const notice = (data: NoticeRecord['data'], type: NoticeRecord['type'] = 'order_filled', id = '1'): NoticeRecord => ({
  id,
  dedupeKey: `key-${id}`,
  userId: 'ann',
  botId: null,
  type,
  data,
  at: 1,
  readAt: null,
});

describe('the words of a notice', () => {
  it('are those of its language, with numbers as people there write them', () => {
    const source = notice({ bot: 'Сетка', side: 'sell', quantity: '1234567.5000', symbol: 'BTC/USDT', price: '64250', mode: 'paper' });
    expect(wordsOfNotice(source, 'en')).toEqual({ title: 'Сетка: Order filled', text: 'Sell 1,234,567.5 BTC/USDT at 64,250 (paper trading)' });
    expect(wordsOfNotice(source, 'ru')).toEqual({
      title: 'Сетка: Ордер исполнен',
      text: 'Продажа 1\u00a0234\u00a0567,5 BTC/USDT по 64\u00a0250 (бумажная торговля)',
    });
  });

  it('leave out what is not known', () => {
    const source = notice({ side: 'buy', quantity: '0.01', symbol: 'BTC/USDT', price: null, mode: 'live' });
    expect(wordsOfNotice(source, 'en')).toEqual({ title: 'Order filled', text: 'Buy 0.01 BTC/USDT' });
    expect(wordsOfNotice(notice({}), 'en')).toEqual({ title: 'Order filled', text: '' });
  });

  it.each(FACT_TYPES)('of %s are there in both languages, and name the same values', (type) => {
    const { title, text } = templateOf(type);
    for (const language of LANGUAGES) {
      expect(title[language].length).toBeGreaterThan(2);
      expect(wordsOfNotice(notice({}, type), language).title).not.toMatch(/[{}[\]]/);
    }
    const names = (template: string) => [...namesIn(template)].filter((name) => !/_(en|ru)$/.test(name)).sort();
    expect(names(title.ru)).toEqual(names(title.en));
    expect(names(text.ru)).toEqual(names(text.en));
  });

  it('of a type that a newer version has made say that there is something', () => {
    expect(wordsOfNotice(notice({}, 'from_the_future' as never), 'ru')).toEqual({ title: 'Произошло событие', text: '' });
  });

  it('show of the data what they name and nothing else', () => {
    expect(shownData(notice({ bot: 'Grid', api_key: 'key', secret: 's', price: '1', nested: { a: 1 } }))).toEqual({ bot: 'Grid', price: '1' });
  });

  it('count as each language does', () => {
    const words = { en: ['event', 'events'], ru: ['событие', 'события', 'событий'] } as const;
    expect([1, 2, 5, 11, 21, 22, 112].map((count) => counted(count, 'ru', words))).toEqual([
      '1 событие',
      '2 события',
      '5 событий',
      '11 событий',
      '21 событие',
      '22 события',
      '112 событий',
    ]);
    expect([1, 2].map((count) => counted(count, 'en', words))).toEqual(['1 event', '2 events']);
  });
});

describe('whatever the data is', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 600 }),
    fc.string({ unit: 'grapheme', maxLength: 300 }),
    fc.constantFrom('<b>', '{bot}', '[x]', '\u202e', '=1+1'),
  );
  const values = fc.record(
    { bot: text, symbol: text, reason: text, message: text, text, price: text, side: text, mode: text, quantity: fc.anything() },
    { requiredKeys: [] },
  );
  const notices = fc.array(fc.tuple(fc.constantFrom(...FACT_TYPES), values), { minLength: 1, maxLength: 20 });

  it('a message is a title of one line, and markup that Telegram takes, within its length', () => {
    fc.assert(
      fc.property(notices, fc.constantFrom(...LANGUAGES), (made, language) => {
        const records = made.map(([type, data], index) => notice(data as NoticeRecord['data'], type, String(index)));
        const { title, telegram, plain } = messageOf(records, { language, sounds: {} });
        expect(title).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
        const shown = textOfHtml(telegram);
        expect(shown).not.toBeNull();
        expect(shown?.length).toBeLessThanOrEqual(4_096);
        expect(plain.length).toBeLessThanOrEqual(MAX_MESSAGE_LENGTH * 2);
        expect(telegram).not.toMatch(/<(?!\/?b>)/);
      }),
    );
  });

  it('a value is one line that is no link, no mention and no command', () => {
    fc.assert(
      fc.property(fc.oneof(text, fc.webUrl(), fc.emailAddress(), fc.domain()), (value) => {
        const line = inertLine(value);
        expect([...line.replaceAll('\u2060', '')].length).toBeLessThanOrEqual(MAX_VALUE_LENGTH);
        expect(line).not.toMatch(/[\r\n]|:\/\/|@\w|(^|\s)\/\w|[a-z0-9]\.[a-z]/i);
      }),
    );
  });

  it('a template never shows a placeholder of its own', () => {
    expect(wordsOf('{bot}[ on {symbol}]', { bot: '{symbol}', symbol: '[{bot}]' }, 'en')).toBe('{symbol} on [{bot}]');
  });
});

describe('several notices in one message', () => {
  it('stand in their order under their number, with the highest severity and its sound', () => {
    const message = messageOf([notice({ bot: 'A' }), notice({ bot: 'B', reason: 'x & y' }, 'bot_error', '2')], { language: 'en', sounds: {} });
    expect(message).toMatchObject({ title: '2 events', severity: 'critical', sound: 'alarm', key: 'key-1+key-2+2' });
    expect(message.telegram).toBe('<b>2 events</b>\n• <b>A: Order filled</b>\n• <b>B: The bot has stopped with an error</b>\n   x &amp; y');
    expect(message.plain).toBe('• A: Order filled\n• B: The bot has stopped with an error: x & y');
  });
});
