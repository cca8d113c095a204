import { describe, expect, it } from 'vitest';
import { isLate, isNoSuchOrder, isSuccess, judgeRefusedCancel, judgeRefusedPlace } from './_mexc-codes.ts';
import type { Answered } from './_request.ts';

function answered(status: number, body: unknown): Answered {
  return { kind: 'answered', status, headers: new Headers(), body };
}

const refused: readonly (readonly [number, unknown, string])[] = [
  [400, { code: 30004, msg: 'Insufficient position' }, '30004'],
  [400, { code: 10101, msg: 'Insufficient balance' }, '10101'],
  [400, { code: 30002, msg: 'The minimum transaction volume cannot be less than：5USDT' }, '30002'],
  [400, { code: 400, msg: 'quantity scale is invalid' }, '400'],
  [400, { code: 400, msg: 'api key required' }, '400'],
  [400, { code: 10072, msg: 'Api key info invalid' }, '10072'],
  [400, { code: 700002, msg: 'Signature for this request is not valid.' }, '700002'],
  [400, { code: 700003, msg: 'Timestamp for this request is outside of the recvWindow.' }, '700003'],
  [400, { code: 700007, msg: 'No permission to access the endpoint.' }, '700007'],
  [400, { code: 10007, msg: 'bad symbol' }, '10007'],
  [200, { code: '30004', msg: 'Insufficient position' }, '30004'],
  [429, { code: 429, msg: 'Too Many Requests' }, '429'],
  [429, '<html></html>', 'http_429'],
  [418, '<html></html>', 'http_418'],
];

const doubtful: readonly (readonly [number, unknown, string])[] = [
  [500, { code: 30004, msg: 'Insufficient position' }, '30004'],
  [503, { code: 503, msg: 'service not available, please try again' }, '503'],
  [504, { code: 504, msg: 'Gateway Time-out' }, '504'],
  [502, '<html></html>', 'http_502'],
  [400, { code: 400, msg: 'The order may have been placed' }, '400'],
  [400, { code: -2010, msg: 'Duplicate order sent.' }, '-2010'],
  [400, { code: 730000, msg: 'Request failed, please contact the customer service' }, '730000'],
  [400, { code: 20002, msg: 'Internal system error' }, '20002'],
  [400, { code: 123456, msg: 'not documented' }, '123456'],
  [400, { msg: 'without a code' }, 'http_400'],
  [403, '<html>Access denied</html>', 'http_403'],
  [200, '<html></html>', 'http_200'],
  [302, '', 'http_302'],
];

describe('the answer to placing at MEXC', () => {
  it.each(refused)('is a certain refusal: %i %o', (status, body, code) => {
    expect(judgeRefusedPlace(answered(status, body))).toMatchObject({ outcome: 'rejected', code });
  });

  it.each(doubtful)('leaves the order in doubt: %i %o', (status, body, code) => {
    expect(judgeRefusedPlace(answered(status, body))).toMatchObject({ outcome: 'unknown', code });
  });
});

describe('other answers of MEXC', () => {
  it('are a success with status 200 and no code, or one that says so', () => {
    expect([{}, [], { code: 0 }, { code: 200 }, { code: '200' }].every((body) => isSuccess(answered(200, body)))).toBe(true);
    expect([{ code: 400 }, { code: '30004' }, 'page', null].some((body) => isSuccess(answered(200, body)))).toBe(false);
    expect(isSuccess(answered(201, {}))).toBe(false);
  });

  it('prove with -2013 alone that there is no such order, with -2011 alone that none is open', () => {
    expect(isNoSuchOrder(answered(400, { code: -2013, msg: 'Order does not exist.' }))).toBe(true);
    for (const [status, code] of [
      [500, -2013],
      [400, -2011],
      [400, 730001],
      [404, 404],
    ] as const)
      expect(isNoSuchOrder(answered(status, { code, msg: 'x' }))).toBe(false);
    expect(judgeRefusedCancel(answered(400, { code: -2011, msg: 'Unknown order sent.' }))).toEqual({ outcome: 'notOpen' });
    for (const [status, code] of [
      [504, -2011],
      [400, -2013],
      [400, 700003],
    ] as const)
      expect(judgeRefusedCancel(answered(status, { code, msg: 'x' })).outcome).toBe('unknown');
  });

  it('are late with 700003, and never with a server error', () => {
    expect([isLate(answered(400, { code: 700003 })), isLate(answered(500, { code: 700003 })), isLate(answered(400, { code: 700005 }))]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
