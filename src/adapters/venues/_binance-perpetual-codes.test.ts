import { describe, expect, it } from 'vitest';
import { isLate, judgeRefusedCancel, judgeRefusedPlace, refusedTerms } from './_binance-perpetual-codes.ts';
import type { Answered } from './_request.ts';

const answer = (code: number | null, msg = 'as it says', status = 400): Answered => ({
  kind: 'answered',
  status,
  headers: new Headers(),
  body: code === null ? '<html></html>' : { code, msg },
});

describe('a refusal of Binance futures to place', () => {
  it.each([-2019, -2021, -2022, -4003, -4014, -4061, -4120, -4164, -5021, -5022, -5028, -1111, -1121, -2015])('is certain with %i', (code) => {
    expect(judgeRefusedPlace(answer(code))).toMatchObject({ outcome: 'rejected', code: String(code) });
  });

  it.each([
    ['a repeated id, which is evidence of the order', answer(-4116, 'ClientOrderId is duplicated.')],
    ['a timeout inside the venue', answer(-1007, 'Timeout waiting for response from backend server.', 408)],
    ['a code that nobody has named', answer(-4999)],
    ['any status of 500 and more, whatever its body says', answer(-2019, 'Margin is insufficient.', 503)],
    ['a page of a gateway', answer(null, '', 403)],
    ['a refusal by text alone', answer(-2010, 'Something new.')],
  ])('is in doubt with %s', (_what, told) => {
    expect(judgeRefusedPlace(told)).toMatchObject({ outcome: 'unknown' });
  });

  it('says what is to be done where the code says too little', () => {
    expect(judgeRefusedPlace(answer(-4061, "Order's position side does not match user's setting."))).toMatchObject({
      message: expect.stringMatching(/hedge mode.*one-way/) as string,
    });
    expect(judgeRefusedPlace(answer(-2019, 'Margin is insufficient.'))).toMatchObject({ message: expect.stringContaining('futures wallet') as string });
  });
});

it('a cancel of Binance futures finds nothing open under either of two codes, and nothing else says so', () => {
  expect([judgeRefusedCancel(answer(-2011)), judgeRefusedCancel(answer(-2013))]).toEqual([{ outcome: 'notOpen' }, { outcome: 'notOpen' }]);
  expect(judgeRefusedCancel(answer(-2011, 'Unknown order sent.', 500))).toMatchObject({ outcome: 'unknown' });
  expect(judgeRefusedCancel(answer(-4061))).toMatchObject({ outcome: 'unknown', code: '-4061' });
});

it('a request is late by the gateway’s clock or by the matching engine’s', () => {
  expect([-1021, -4188, -5028, -1022].map((code) => isLate(answer(code)))).toEqual([true, true, true, false]);
  expect(isLate(answer(-1021, 'late', 502))).toBe(false);
});

it('a refused change of leverage or margin mode says what stands in its way', () => {
  expect(refusedTerms(answer(-4028))).toMatchObject({ code: 'validation_failed' });
  expect(refusedTerms(answer(-4048))).toMatchObject({ code: 'validation_failed', message: expect.stringContaining('close them') as string });
  expect(refusedTerms(answer(-4168))).toMatchObject({ code: 'account_mode_unsupported' });
  expect(refusedTerms(answer(-2019))).toMatchObject({ code: 'insufficient_funds' });
  expect(refusedTerms(answer(-1000))).toBeNull();
});
