/** Reasons reach people in their language; what an exchange has said is quoted beside it, and never in its place where the code is ours. */
import { describe, expect, it } from 'vitest';
import { wordsOfNotice } from './message.ts';
import type { NoticeRecord } from './notice.ts';
import { phraseText, saidText, whyText } from './reasons.ts';

const lines = (type: NoticeRecord['type'], data: NoticeRecord['data'], language: 'en' | 'ru') => wordsOfNotice({ type, data }, language).text.split('\n');

describe('a reason', () => {
  it.each([
    ['of ours that says all', { code: 'cancelled_on_request', reason: 'it was cancelled as asked' }, ['It was cancelled as asked.'], ['Отменён по запросу.']],
    [
      'of ours with figures',
      { code: 'notional_below_minimum', reason: 'value 3 is below the minimum 5' },
      ['The order is worth less than the minimum of the exchange.', '“value 3 is below the minimum 5”'],
      ['Сумма ордера меньше минимума биржи.', '«value 3 is below the minimum 5»'],
    ],
    [
      'of the list of errors',
      { code: 'trading_killed', reason: 'the kill switch is on' },
      [whyText('trading_killed', 'en'), '“the kill switch is on”'],
      [whyText('trading_killed', 'ru'), '«the kill switch is on»'],
    ],
    [
      'of an exchange',
      { code: '-2010', reason: 'Account has insufficient balance\nfor {action} <b>' },
      ['The exchange says: “Account has insufficient balance for {action} <b>”'],
      ['Ответ биржи: «Account has insufficient balance for {action} <b>»'],
    ],
    ['without a code', { reason: 'as it was' }, ['Reason: as it was'], ['Причина: as it was']],
  ] as const)('%s', (_, data, en, ru) => {
    expect(lines('order_rejected', data, 'ru')).toEqual(ru);
    expect(lines('order_rejected', data, 'en')).toEqual(en);
  });

  it('of a trouble, of a run and of an action is told the same way', () => {
    expect(lines('exchange_error', { account: 'Main', code: 'unknown_order_found', message: 'order ARG1 at the venue' }, 'ru')).toEqual([
      'На бирже есть ордер с нашей меткой, которого нет в учёте; проверьте его вручную.',
      '«order ARG1 at the venue»',
    ]);
    expect(lines('bot_error', { symbol: 'BTC/USDT', code: 'insufficient_funds', reason: 'needs 5 USDT' }, 'ru')).toEqual([
      'BTC/USDT',
      whyText('insufficient_funds', 'ru'),
      '«needs 5 USDT»',
    ]);
    expect(lines('strategy_note', { code: 'below_minimum', text: 'what is left is too little' }, 'ru')[0]).toBe('Слишком мало для ордера на этой бирже.');
    expect(lines('strategy_note', { text: 'Сетка сдвинута' }, 'ru')).toEqual(['Сетка сдвинута']);
    expect(lines('bot_stopped', { reason: 'stopped by the user' }, 'ru')).toEqual(['Причина: остановлен пользователем']);
    expect(lines('bot_stopped', { reason: 'stopped by the user' }, 'en')).toEqual(['Reason: stopped by the user']);
  });

  it('is never something that objects have by themselves', () => {
    expect(whyText('constructor', 'en')).toBeNull();
    expect(saidText('x', 'toString', 'en')).toBe('The exchange says: “x”');
    expect(phraseText('constructor', 'ru')).toBe('constructor');
  });
});
