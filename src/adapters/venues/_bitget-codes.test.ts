import { describe, expect, it } from 'vitest';
import { isAbsent, isDone, isLate, judgeRefusedCancel, judgeRefusedPlace } from './_bitget-codes.ts';
import type { Answered } from './_request.ts';

function answer(status: number, body: unknown): Answered {
  return { kind: 'answered', status, headers: new Headers(), body };
}

function refused(code: string, msg: string): unknown {
  return { code, msg, requestTime: 1_900_000_000_000, data: null };
}

describe('the outcome of placing, by what Bitget answered', () => {
  const certain: readonly (readonly [number, string, string])[] = [
    [400, '40006', 'Invalid ACCESS_KEY'],
    [400, '40008', 'Request timestamp expired'],
    [400, '40009', 'sign signature error'],
    [400, '40012', 'apikey/password is incorrect'],
    [400, '40014', 'Incorrect permissions, need spot trade write permissions'],
    [400, '40034', 'Parameter NOPE does not exist'],
    [400, '40078', 'Timestamp for this request is outside of the ME receiveWindow.'],
    [400, '40085', 'You are in Unified Account mode, and the Classic Account API is not supported at this time'],
    [400, '40762', 'The order amount exceeds the balance'],
    [400, '40808', 'Parameter verification exception size checkBDScale error value=2293.577 checkScale=2'],
    [400, '43009', 'The current order price exceeds the limit'],
    [400, '43012', 'Insufficient balance'],
    [400, '45110', 'less than the minimum amount 5 USDT'],
    [400, '22002', 'No position to close'],
    [400, '40774', 'The order type for unilateral position must also be the unilateral position type.'],
    [400, '45117', 'Currently holding positions or orders, the margin mode cannot be adjusted'],
    [200, '43012', 'Insufficient balance'],
    [429, '429', 'Too Many Requests'],
  ];
  it.each(certain)('HTTP %i with %s "%s" is a certain refusal', (status, code, msg) => {
    expect(judgeRefusedPlace(answer(status, refused(code, msg)))).toEqual({ outcome: 'rejected', code, message: msg });
  });

  const doubtful: readonly (readonly [number, unknown, string])[] = [
    [400, refused('40786', 'Duplicate clientOid'), '40786'],
    [400, refused('43118', 'clientOrderId duplicate'), '43118'],
    [400, refused('45034', 'clientOid duplicate'), '45034'],
    [400, refused('25212', 'Duplicate clientOid'), '25212'],
    [400, refused('40010', 'Request timed out'), '40010'],
    [400, refused('40015', 'System is abnormal, please try again later'), '40015'],
    [400, refused('40200', 'Server upgrade, please try again later'), '40200'],
    [400, refused('40725', 'service return an error'), '40725'],
    [400, refused('45001', 'Unknown error'), '45001'],
    // Said without a reason while the venue is being updated.
    [400, refused('40808', 'Parameter verification exception'), '40808'],
    [400, refused('99999', 'A code of tomorrow'), '99999'],
    [500, refused('43012', 'Insufficient balance'), '43012'],
    [502, '<html></html>', 'http_502'],
    [403, '<html></html>', 'http_403'],
    [200, '<html></html>', 'http_200'],
    [200, null, 'http_200'],
  ];
  it.each(doubtful)('HTTP %i with %o leaves the order in doubt', (status, body, code) => {
    expect(judgeRefusedPlace(answer(status, body))).toMatchObject({ outcome: 'unknown', code });
  });
});

describe('other answers of Bitget', () => {
  it('are a success only with its code for one', () => {
    expect(isDone(answer(200, { code: '00000', msg: 'success', data: [] }))).toBe(true);
    for (const other of [answer(200, refused('40725', '')), answer(400, { code: '00000', data: [] }), answer(200, '<html></html>'), answer(200, {})])
      expect(isDone(other)).toBe(false);
  });

  it('prove that an order is absent by an empty list or by a code, and by nothing else', () => {
    expect(isAbsent(answer(200, { code: '00000', msg: 'success', data: [] }))).toBe(true);
    expect(isAbsent(answer(400, refused('40109', 'The data of the order cannot be found, please confirm the order number')))).toBe(true);
    for (const other of [
      answer(200, { code: '00000', data: null }),
      answer(200, { code: '00000', data: [{}] }),
      answer(200, []),
      answer(500, refused('43001', 'The order does not exist')),
      answer(400, refused('40725', 'service return an error')),
    ])
      expect(isAbsent(other)).toBe(false);
  });

  it('say that a cancel came too late by code, and are in doubt otherwise', () => {
    expect(judgeRefusedCancel(answer(400, refused('43001', 'The order does not exist')))).toEqual({ outcome: 'notOpen' });
    expect(judgeRefusedCancel(answer(500, refused('43001', 'The order does not exist')))).toMatchObject({ outcome: 'unknown' });
    expect(judgeRefusedCancel(answer(400, refused('45129', 'Cancel order is too frequent')))).toMatchObject({ outcome: 'unknown', code: '45129' });
  });

  it('tell a request that came outside its window', () => {
    expect(isLate(answer(400, refused('40008', 'Request timestamp expired')))).toBe(true);
    expect(isLate(answer(400, refused('40078', 'Timestamp for this request is outside of the ME receiveWindow.')))).toBe(true);
    expect(isLate(answer(500, refused('40008', '')))).toBe(false);
  });
});
