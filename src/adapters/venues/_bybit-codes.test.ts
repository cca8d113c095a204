import { describe, expect, it } from 'vitest';
import { errorOf, isDone, isLate, judgeRefusedCancel, judgeRefusedPlace } from './_bybit-codes.ts';
import type { Answered } from './_request.ts';

function answer(status: number, body: unknown): Answered {
  return { kind: 'answered', status, headers: new Headers(), body };
}

const said = (retCode: unknown, retMsg = 'text', status = 200): Answered => answer(status, { retCode, retMsg, result: {}, retExtInfo: {}, time: 1 });

describe('the outcome of placing, by what Bybit answered', () => {
  const certain: readonly (readonly [number, string])[] = [
    [10001, 'params error: Qty invalid'],
    [10002, 'invalid request, please check your server timestamp or recv_window param.'],
    [10003, 'API key is invalid.'],
    [10004, 'Error sign'],
    [10005, 'Permission denied'],
    [10006, 'Too many visits!'],
    [10010, 'Unmatched IP'],
    [170005, 'Too many new orders'],
    [170121, 'Invalid symbol.'],
    [170131, 'Insufficient balance.'],
    [170134, 'Order price decimal too long.'],
    [170137, 'Order volume decimal too long'],
    [170140, 'Order value exceeded lower limit'],
    [170193, 'Buy order price cannot be higher than 1.'],
    [170210, 'New order rejected.'],
    [170218, 'The LIMIT-MAKER order is rejected due to invalid price.'],
    [170810, 'Cannot exceed maximum of 500 conditional, TP/SL and active orders.'],
  ];
  it.each(certain)('%i "%s" is a certain refusal', (code, text) => {
    expect(judgeRefusedPlace(said(code, text))).toEqual({ outcome: 'rejected', code: String(code), message: text });
  });

  const doubtful: readonly (readonly [number, string])[] = [
    [10000, 'Server Timeout'],
    [10014, 'Invalid duplicate request.'],
    [10016, 'Server error.'],
    [10019, 'ws trade service is restarting'],
    [10429, 'System level frequency protection'],
    [10001, 'OrderLinkedID is duplicate'],
    [170001, 'Internal error.'],
    [170007, 'Timeout waiting for response from backend server.'],
    [170032, 'Network error. Please try again later'],
    [170035, 'Submitted to the system for processing!'],
    [170141, 'Duplicate clientOrderId'],
    [170146, 'Order creation timeout'],
    [170149, 'Create order failed'],
    [170213, 'Order does not exist.'],
    [170234, 'System Error'],
    [110072, 'OrderLinkedID is duplicate'],
    [999999, 'A code that is not known yet.'],
  ];
  it.each(doubtful)('%i "%s" leaves the order in doubt', (code, text) => {
    expect(judgeRefusedPlace(said(code, text))).toEqual({ outcome: 'unknown', code: String(code), message: text });
  });

  it.each([
    ['any code with a 5xx', said(170131, 'Insufficient balance.', 502), 'unknown', '170131'],
    ['a page with 200', answer(200, '<html>'), 'unknown', 'http_200'],
    ['a page with 502', answer(502, '<html>'), 'unknown', 'http_502'],
    ['a 403 from who knows where', answer(403, '<html>Blocked</html>'), 'unknown', 'http_403'],
    ['a code that ccxt has made a text', said('170131'), 'rejected', '170131'],
    ['a code that is no number', said('17O131'), 'unknown', 'http_200'],
    ['no body', answer(200, undefined), 'unknown', 'http_200'],
    ['the door that is shut for too many requests', answer(403, '403, access too frequent'), 'rejected', 'http_403'],
    ['keys that are not taken, without a word', answer(401, undefined), 'rejected', 'http_401'],
    ['keys that are not taken', said(10003, 'API key is invalid.', 401), 'rejected', '10003'],
  ] as const)('%s', (_what, from, outcome, code) => {
    expect(judgeRefusedPlace(from)).toMatchObject({ outcome, code });
  });
});

describe('the outcome of cancelling, by what Bybit answered', () => {
  it('takes only what says that the order is over for "not open"', () => {
    for (const code of [170213, 170139, 170142, 170190]) expect(judgeRefusedCancel(said(code))).toEqual({ outcome: 'notOpen' });
    expect(judgeRefusedCancel(said(170213, 'Order does not exist.', 502)).outcome).toBe('unknown');
    for (const code of [10000, 10001, 10006, 10016, 170143, 170145, 170147, 170150, 170191])
      expect(judgeRefusedCancel(said(code, 'x'))).toEqual({ outcome: 'unknown', code: String(code), message: 'x' });
  });

  it('takes a cancel that is under way for a request', () => {
    expect(judgeRefusedCancel(said(170212, 'Cancel order request processing'))).toEqual({ outcome: 'requested' });
  });
});

describe('what an answer proves', () => {
  it('is done only by HTTP 200 and the code 0', () => {
    expect([isDone(said(0)), isDone(said(0, 'OK', 502)), isDone(said('0')), isDone(said('')), isDone(answer(200, '<html>'))]).toEqual([
      true,
      false,
      true,
      false,
      false,
    ]);
  });

  it('came outside its window only by 10002', () => {
    expect([isLate(said(10002)), isLate(said(10004)), isLate(said(10002, 'x', 502))]).toEqual([true, false, false]);
  });

  it('keeps texts short', () => {
    expect(errorOf(said(1, 'x'.repeat(1000))).text).toHaveLength(200);
  });
});

describe('Bybit’s refusals of derivatives', () => {
  const told = (retCode: number, retMsg: string): Answered => ({ kind: 'answered', status: 200, headers: new Headers(), body: { retCode, retMsg } });

  it('are certain where they are about margin, reduce-only, value or a stop that is passed', () => {
    for (const code of [110003, 110007, 110017, 110092, 110093, 110094])
      expect(judgeRefusedPlace(told(code, 'no'))).toMatchObject({ outcome: 'rejected', code: String(code) });
    expect(judgeRefusedPlace(told(10001, 'position idx not match position mode'))).toMatchObject({
      outcome: 'rejected',
      message: expect.stringMatching(/hedge mode.*one-way/) as string,
    });
  });

  it('leave a repeated id in doubt, and know which orders are over', () => {
    expect(judgeRefusedPlace(told(110072, 'OrderLinkedID is duplicate'))).toMatchObject({ outcome: 'unknown' });
    for (const code of [110001, 110008, 110010]) expect(judgeRefusedCancel(told(code, 'no'))).toEqual({ outcome: 'notOpen' });
  });
});
