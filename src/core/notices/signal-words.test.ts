/** Signals in words, as people read them on every channel, in both languages. */
import { describe, expect, it } from 'vitest';
import { aSignal } from '../signals/signal.fixture.ts';
import { closedData, openedData } from '../signals/telling.ts';
import { messageOf } from './message.ts';
import type { Language, NoticeRecord } from './notice.ts';

const TITLE = { en: 'MEXC spot against futures', ru: 'MEXC: спот и фьючерсы' };
const open = aSignal({ id: '0198-7f', base: 'PEPE', netPercent: '0.6213', sizeQuote: '200', maxSizeQuote: '1250.5' });
const over = aSignal({
  ...open,
  state: 'closed',
  closedAt: open.openedAt + 125_000,
  closeReason: 'spread_gone',
  paidPercent: '-0.0412',
  peakNetPercent: '0.9',
});

function words(type: NoticeRecord['type'], data: NoticeRecord['data'], language: Language) {
  const notice: NoticeRecord = { id: '1', dedupeKey: 'k', userId: 'ann', botId: null, type, data, at: 1, readAt: null };
  const { title, plain, html, telegram } = messageOf([notice], { language, sounds: {} });
  return { title, plain, html, telegram };
}

describe('a signal that opened', () => {
  it('says what is left after costs, of how much, where, and how old its prices are', () => {
    expect(words('signal_opened', openedData(open, TITLE, 0), 'en')).toEqual({
      title: 'Signal: PEPE/USDT, 0.6213% net',
      plain: [
        'MEXC spot against futures',
        '0.6213% after all costs at 200 USDT, worth it up to 1,250.5 USDT',
        'Buy: mexc, spot ABC/USDT (price <1 s old)',
        'Sell: mexc, futures ABC/USDT:USDT (price <1 s old)',
        'Signal 0198-7f',
      ].join('\n'),
      html: '<p>MEXC spot against futures<br>0.6213% after all costs at 200 USDT, worth it up to 1,250.5 USDT<br>Buy: mexc, spot ABC/USDT (price &lt;1 s old)<br>Sell: mexc, futures ABC/USDT:USDT (price &lt;1 s old)<br>Signal 0198-7f</p>',
      telegram: [
        '<b>Signal: PEPE/USDT, 0.6213% net</b>',
        'MEXC spot against futures',
        '0.6213% after all costs at 200 USDT, worth it up to 1,250.5 USDT',
        'Buy: mexc, spot ABC/USDT (price &lt;1 s old)',
        'Sell: mexc, futures ABC/USDT:USDT (price &lt;1 s old)',
        'Signal 0198-7f',
      ].join('\n'),
    });
    const lines = [
      'MEXC: спот и фьючерсы',
      '0,6213% после всех издержек на 200 USDT, имеет смысл до 1\u00a0250,5 USDT',
      'Купить: mexc, спот ABC/USDT (цене <1 с)',
      'Продать: mexc, фьючерс ABC/USDT:USDT (цене <1 с)',
      'Сигнал 0198-7f',
    ];
    const escaped = lines.map((line) => line.replace('<1', '&lt;1'));
    expect(words('signal_opened', openedData(open, TITLE, 0), 'ru')).toEqual({
      title: 'Сигнал: PEPE/USDT, чистыми 0,6213%',
      plain: lines.join('\n'),
      html: `<p>${escaped.join('<br>')}</p>`,
      telegram: ['<b>Сигнал: PEPE/USDT, чистыми 0,6213%</b>', ...escaped].join('\n'),
    });
  });

  it('says on the free plan how long ago it was so, instead of the age of prices', () => {
    expect(
      words('signal_opened', openedData(open, TITLE, 60_000), 'en')
        .plain.split('\n')
        .slice(2),
    ).toEqual(['Buy: mexc, spot ABC/USDT', 'Sell: mexc, futures ABC/USDT:USDT', 'Free plan: as it was 1 min ago', 'Signal 0198-7f']);
    expect(words('signal_opened', openedData(open, TITLE, 60_000), 'ru').plain).toContain('Бесплатный тариф: так было 1 мин назад');
  });
});

describe('a signal that closed', () => {
  it('says how long it lasted, its best, and what acting on it would have paid', () => {
    expect(words('signal_closed', closedData(over, TITLE), 'en')).toEqual({
      title: 'Signal over: PEPE/USDT',
      plain: [
        'MEXC spot against futures',
        'Lasted 2 min 5 s, at best 0.9% net',
        'Acting on it would have paid −0.0412% after all costs at 200 USDT',
        'The spread is gone.',
        'Signal 0198-7f',
      ].join('\n'),
      html: '<p>MEXC spot against futures<br>Lasted 2 min 5 s, at best 0.9% net<br>Acting on it would have paid −0.0412% after all costs at 200 USDT<br>The spread is gone.<br>Signal 0198-7f</p>',
      telegram:
        '<b>Signal over: PEPE/USDT</b>\nMEXC spot against futures\nLasted 2 min 5 s, at best 0.9% net\nActing on it would have paid −0.0412% after all costs at 200 USDT\nThe spread is gone.\nSignal 0198-7f',
    });
    expect(words('signal_closed', closedData(over, TITLE), 'ru').plain).toBe(
      [
        'MEXC: спот и фьючерсы',
        'Длился 2 мин 5 с, в лучший момент 0,9% чистыми',
        'Сделка по нему принесла бы −0,0412% после всех издержек на 200 USDT',
        'Спреда больше нет.',
        'Сигнал 0198-7f',
      ].join('\n'),
    );
  });

  it('says that it is not known what it would have paid where it is not', () => {
    const unknown = closedData({ ...over, paidPercent: null, closeReason: 'stale' }, TITLE);
    expect(words('signal_closed', unknown, 'en').plain.split('\n').slice(2, 4)).toEqual([
      'What acting on it would have paid is not known: at the end prices were not fresh, or books too thin.',
      'Its prices stopped coming.',
    ]);
    expect(words('signal_closed', unknown, 'ru').plain.split('\n').slice(2, 4)).toEqual([
      'Сколько принесла бы сделка, неизвестно: в конце не было свежих цен или глубины стаканов.',
      'Цены перестали поступать.',
    ]);
  });

  it('out of a post says that nobody has followed it', () => {
    const unknown = closedData({ ...over, paidPercent: null }, TITLE, false);
    expect(words('signal_closed', unknown, 'en').plain).toContain('not known: claims of posts are not followed to the end.');
    expect(words('signal_closed', unknown, 'ru').plain).toContain('неизвестно: сигналы из постов не отслеживаются до конца.');
  });
});

it('signals beyond the limit of an hour are one notice with their number and the best', () => {
  const data = { count: 1_234, best_percent: '3.2', best_symbol: 'ABC/USDT', hour: '2026-11-20T12:00:00Z' };
  expect(words('signals_beyond', data, 'en')).toMatchObject({
    title: 'More signals than are told one by one: 1,234',
    plain: 'In the hour from 2026-11-20 12:00 UTC. The best: ABC/USDT, 3.2% net.\nRaise your thresholds or mute coins to hear of fewer.',
  });
  expect(words('signals_beyond', data, 'ru')).toMatchObject({
    title: 'Сигналы сверх лимита уведомлений: 1\u00a0234',
    plain: 'За час с 2026-11-20 12:00 UTC. Лучший: ABC/USDT, 3,2% чистыми.\nПоднимите пороги или заглушите монеты, чтобы их было меньше.',
  });
});
