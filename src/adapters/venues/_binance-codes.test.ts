import { describe, expect, it } from 'vitest';
import { isLate, isNoSuchOrder, judgeRefusedCancel, judgeRefusedPlace } from './_binance-codes.ts';
import type { Answered } from './_request.ts';

function answer(status: number, body: unknown): Answered {
  return { kind: 'answered', status, headers: new Headers(), body };
}

describe('the outcome of placing, by what Binance answered', () => {
  const certain: readonly (readonly [number, number, string])[] = [
    [400, -1013, 'Filter failure: LOT_SIZE'],
    [400, -1013, 'Filter failure: PERCENT_PRICE_BY_SIDE'],
    [400, -1013, 'Market is closed.'],
    [400, -1015, 'Too many new orders; current limit is 100 orders per 10 SECOND.'],
    [400, -1021, 'Timestamp for this request is outside of the recvWindow.'],
    [400, -1022, 'Signature for this request is not valid.'],
    [400, -1100, 'Illegal characters found in a parameter.'],
    [400, -1102, "Mandatory parameter 'price' was not sent, was empty/null, or malformed."],
    [400, -1111, 'Precision is over the maximum defined for this asset.'],
    [400, -1116, 'Invalid orderType.'],
    [400, -1121, 'Invalid symbol.'],
    [400, -1130, 'Data sent for a parameter is not valid.'],
    [400, -2010, 'Account has insufficient balance for requested action.'],
    [400, -2010, 'Order would immediately match and take.'],
    [400, -2010, 'Stop price would trigger immediately.'],
    [400, -2010, 'Market is closed.'],
    [400, -2010, 'Stop loss orders are not supported for this symbol.'],
    [400, -2010, 'This symbol is not permitted for this account.'],
    [401, -2014, 'API-key format invalid.'],
    [401, -2015, 'Invalid API-key, IP, or permissions for action.'],
    [429, -1003, 'Too much request weight used.'],
    [418, -1003, 'Way too much request weight used; IP banned until 1795159424352.'],
    [429, -1015, 'Too many new orders.'],
  ];
  it.each(certain)('HTTP %i with %i "%s" is a certain refusal', (status, code, msg) => {
    expect(judgeRefusedPlace(answer(status, { code, msg }))).toEqual({ outcome: 'rejected', code: String(code), message: msg });
  });

  const doubtful: readonly (readonly [number, unknown, string])[] = [
    [400, { code: -2010, msg: 'Duplicate order sent.' }, '-2010'],
    [400, { code: -2010, msg: 'A text that is not known yet.' }, '-2010'],
    [400, { code: -1006, msg: 'An unexpected response was received from the message bus. Execution status unknown.' }, '-1006'],
    [408, { code: -1007, msg: 'Timeout waiting for response from backend server. Send status unknown; execution status unknown.' }, '-1007'],
    [400, { code: -1000, msg: 'An unknown error occurred while processing the request.' }, '-1000'],
    [400, { code: -1001, msg: 'Internal error; unable to process your request. Please try again.' }, '-1001'],
    [503, { code: -1008, msg: 'Server is currently overloaded with other requests.' }, '-1008'],
    [400, { code: -1016, msg: 'This service is no longer available.' }, '-1016'],
    [400, { code: -9999, msg: 'A code that is not known yet.' }, '-9999'],
    [500, { code: -1013, msg: 'Filter failure: LOT_SIZE' }, '-1013'],
    [502, { code: -2010, msg: 'Account has insufficient balance for requested action.' }, '-2010'],
    [503, { code: 0, msg: 'System is under maintenance.' }, '0'],
    [429, '<html>Slow down</html>', 'http_429'],
    [403, '<html>Blocked</html>', 'http_403'],
    [400, null, 'http_400'],
    [400, { code: '-1013', msg: 'A code that is text.' }, 'http_400'],
    [400, [], 'http_400'],
    [200, { code: -1013, msg: 'Filter failure: LOT_SIZE' }, '-1013'],
    [302, { code: -1013, msg: 'Filter failure: LOT_SIZE' }, '-1013'],
  ];
  it.each(doubtful)('HTTP %i with %o leaves the order in doubt', (status, body, code) => {
    expect(judgeRefusedPlace(answer(status, body))).toMatchObject({ outcome: 'unknown', code });
  });
});

describe('the outcome of cancelling, by what Binance answered', () => {
  it('takes only -2011 for "not open"', () => {
    expect(judgeRefusedCancel(answer(400, { code: -2011, msg: 'Unknown order sent.' }))).toEqual({ outcome: 'notOpen' });
    expect(judgeRefusedCancel(answer(400, { code: -2011, msg: 'Order was not canceled due to cancel restrictions.' })).outcome).toBe('unknown');
    expect(judgeRefusedCancel(answer(500, { code: -2011, msg: 'Unknown order sent.' })).outcome).toBe('unknown');
    for (const code of [-1003, -1021, -1007, -2013, -2015])
      expect(judgeRefusedCancel(answer(400, { code, msg: 'x' }))).toEqual({ outcome: 'unknown', code: String(code), message: 'x' });
  });
});

describe('what an answer proves', () => {
  it('proves absence only by -2013 with a client error status', () => {
    expect(isNoSuchOrder(answer(400, { code: -2013, msg: 'Order does not exist.' }))).toBe(true);
    expect(isNoSuchOrder(answer(500, { code: -2013, msg: 'Order does not exist.' }))).toBe(false);
    expect(isNoSuchOrder(answer(400, { code: -2026, msg: 'Order was canceled or expired with no executed qty over 90 days ago.' }))).toBe(false);
    expect(isNoSuchOrder(answer(404, '<html>'))).toBe(false);
  });

  it('knows a request that came outside its window by -1021', () => {
    expect(isLate(answer(400, { code: -1021, msg: 'x' }))).toBe(true);
    expect(isLate(answer(400, { code: -1022, msg: 'x' }))).toBe(false);
  });
});
