import { describe, expect, it } from 'vitest';
import { errorOf, isDone, isLate, isNoSuchOrder, judgeCancel, judgeRefusedPlace } from './_okx-codes.ts';
import type { Answered } from './_request.ts';

function answer(status: number, body: unknown): Answered {
  return { kind: 'answered', status, headers: new Headers(), body };
}

/** A refusal beside the order. */
const ofOrder = (sCode: string, sMsg = 'text', status = 200): Answered =>
  answer(status, { code: '1', msg: 'All operations failed', data: [{ clOrdId: 'a', ordId: '', tag: '', sCode, sMsg }], inTime: '1', outTime: '2' });

/** A refusal of the whole request. */
const ofAll = (code: string, msg = 'text', status = 200): Answered => answer(status, { code, msg, data: [] });

describe('the outcome of placing, by what OKX answered', () => {
  const certain: readonly (readonly [Answered, string])[] = [
    [ofOrder('51008', 'Order failed. Insufficient USDT balance in account.'), '51008'],
    [ofOrder('51119'), '51119'],
    [ofOrder('51131'), '51131'],
    [ofOrder('51020'), '51020'],
    [ofOrder('51121'), '51121'],
    [ofOrder('51150'), '51150'],
    [ofOrder('51006'), '51006'],
    [ofOrder('51000', 'Parameter px error'), '51000'],
    [ofOrder('51001'), '51001'],
    [ofOrder('51022'), '51022'],
    [ofOrder('51278'), '51278'],
    [ofOrder('51010'), '51010'],
    [ofOrder('51169'), '51169'],
    [ofOrder('51170'), '51170'],
    [ofOrder('51004'), '51004'],
    [ofAll('51000', 'Parameter px error', 400), '51000'],
    [ofAll('50011', 'Too Many Requests', 429), '50011'],
    [ofAll('50011'), '50011'],
    [ofAll('50061'), '50061'],
    [ofAll('50014', 'Parameter px can not be empty.', 400), '50014'],
    [ofAll('50102', 'Timestamp request expired.', 401), '50102'],
    [ofAll('50105', 'Request header "OK-ACCESS-PASSPHRASE" incorrect.', 401), '50105'],
    [ofAll('50110', 'Invalid IP', 401), '50110'],
    [ofAll('50111', 'Invalid OK-ACCESS-KEY', 401), '50111'],
    [ofAll('50113', 'Invalid Sign', 401), '50113'],
    [ofAll('50120'), '50120'],
  ];
  it.each(certain)('%o is a certain refusal', (from, code) => {
    expect(judgeRefusedPlace(from)).toMatchObject({ outcome: 'rejected', code });
  });

  const doubtful: readonly (readonly [string, Answered, string])[] = [
    ['a repeated id, which is evidence of an order', ofOrder('51016', 'Duplicated client order ID.'), '51016'],
    ['a repeated venue id', ofOrder('51011'), '51011'],
    ['an order that timed out', ofOrder('51149', 'Order timed out. Please try again.'), '51149'],
    ['the same with a 500', ofAll('51149', 'Order timed out.', 500), '51149'],
    ['a request that timed out', ofAll('51054', 'Request timed out.', 500), '51054'],
    ['a request that timed out, with a 400', ofAll('50004', 'API endpoint request timeout.', 400), '50004'],
    ['an upgrade of the matching engine', ofAll('50001', 'Service temporarily unavailable.', 503), '50001'],
    ['a busy system', ofAll('50013', 'Systems are busy.'), '50013'],
    ['a system error', ofAll('50026', 'System error.', 500), '50026'],
    ['a code that is not known', ofOrder('51999'), '51999'],
    ['a general failure without an order', ofAll('1', 'Operation failed.'), '1'],
    ['a failure that says nothing of its order', answer(200, { code: '1', msg: 'x', data: [{ sCode: '0', sMsg: '' }] }), 'http_200'],
    ['a partial success', answer(200, { code: '2', msg: 'x', data: [{ sCode: '0' }, { sCode: '51008' }] }), '2'],
    ['a certain code with a 5xx', ofOrder('51008', 'x', 502), '51008'],
    ['a certain code with a redirect', ofOrder('51008', 'x', 302), '51008'],
    ['a page', answer(200, '<html>'), 'http_200'],
    ['a page with 403', answer(403, '<html>Blocked</html>'), 'http_403'],
    ['a page with 429', answer(429, '<html>Slow down</html>'), 'http_429'],
    ['a code that is a number', answer(200, { code: 51008, msg: 'x', data: [] }), 'http_200'],
    ['nothing', answer(200, null), 'http_200'],
  ];
  it.each(doubtful)('%s leaves the order in doubt', (_what, from, code) => {
    expect(judgeRefusedPlace(from)).toMatchObject({ outcome: 'unknown', code });
  });
});

describe('the outcome of cancelling, by what OKX answered', () => {
  it('is never more than a request when the venue takes it', () => {
    expect(judgeCancel(answer(200, { code: '0', msg: '', data: [{ clOrdId: 'a', ordId: '1', sCode: '0', sMsg: '' }] }))).toEqual({ outcome: 'requested' });
    expect(judgeCancel(ofOrder('51410', 'Cancellation failed as the order is already in canceling status.'))).toEqual({ outcome: 'requested' });
  });

  it('takes only what says that the order is over for "not open"', () => {
    for (const code of ['51400', '51401', '51402', '51416']) expect(judgeCancel(ofOrder(code))).toEqual({ outcome: 'notOpen' });
    expect(judgeCancel(ofOrder('51400', 'x', 502)).outcome).toBe('unknown');
    for (const code of ['51412', '50011', '50004', '51000', '51603'])
      expect(judgeCancel(ofOrder(code, 'x'))).toEqual({ outcome: 'unknown', code, message: 'x' });
    expect(judgeCancel(answer(200, { code: '0', msg: '', data: [] })).outcome).toBe('unknown');
  });
});

describe('what an answer proves', () => {
  it('is done only by HTTP 200 and the code 0, of the whole and of its order', () => {
    const done = { code: '0', msg: '', data: [] };
    const answers = [answer(200, done), answer(502, done), answer(200, { code: '0' }), ofOrder('51008'), ofAll('51603'), answer(200, '<html>')];
    expect(answers.map(isDone)).toEqual([true, false, false, false, false, false]);
    expect(isDone(answer(200, { code: '0', msg: '', data: [{ sCode: '51008', sMsg: 'x' }] }))).toBe(false);
  });

  it('proves absence by 51603, or by an empty list, and by nothing that failed', () => {
    const absent = [ofAll('51603'), ofAll('51603', 'x', 404), answer(200, { code: '0', msg: '', data: [] })];
    expect(absent.map(isNoSuchOrder)).toEqual([true, true, true]);
    const doubtful = [
      ofAll('51603', 'x', 500),
      ofAll('51001'),
      ofAll('50013'),
      answer(404, '<html>'),
      answer(200, { code: '0', data: [{}] }),
      answer(200, { code: '0' }),
    ];
    expect(doubtful.map(isNoSuchOrder)).toEqual([false, false, false, false, false, false]);
  });

  it('came outside its window only by 50102', () => {
    expect([isLate(ofAll('50102', 'x', 401)), isLate(ofAll('50112', 'x', 401)), isLate(ofAll('50102', 'x', 500))]).toEqual([true, false, false]);
  });

  it('keeps texts short', () => {
    expect(errorOf(ofOrder('51000', 'x'.repeat(1000))).text).toHaveLength(200);
  });
});
