import { describe, expect, it } from 'vitest';
import { AppError } from '#core/errors.ts';
import { MAX_JSON_DEPTH, parseJsonBody } from './json-body.ts';

function refusal(text: string): AppError {
  try {
    parseJsonBody(text);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error(`accepted: ${text.slice(0, 80)}`);
}

describe('a JSON body', () => {
  it('is read as it is when nothing is wrong with it', () => {
    expect(parseJsonBody('{"a": [1, -0.5, 1e-7, {"b": "x\\"y,{"}], "c": null}')).toEqual({ a: [1, -0.5, 1e-7, { b: 'x"y,{' }], c: null });
    expect(parseJsonBody(' ')).toBeUndefined();
  });

  it.each([
    ['{"price": 1e400}', 'price', 'is too large for a JSON number'],
    ['{"config": {"levels": -1e999}}', 'config.levels', 'is too large for a JSON number'],
    ['{"quantity": 9007199254740993}', 'quantity', 'has 16 digits and is not exact as a JSON number; send it as a string'],
    ['{"q": [1, 0.1000000000000000055]}', 'q.1', 'has 19 digits and is not exact as a JSON number; send it as a string'],
    ['{"email": "a", "email": "b"}', 'email', 'is given twice'],
    ['{"email": "a", "em\\u0061il": "b"}', 'email', 'is given twice'],
    ['{"__proto__": {"role": "owner"}}', '__proto__', 'is not a known field'],
    ['{"config": {"constructor": {"prototype": 1}}}', 'config.constructor', 'is not a known field'],
  ])('is refused for %s', (text, field, message) => {
    const error = refusal(text);
    expect(error.code).toBe('validation_failed');
    expect(error.issues[0]).toEqual({ field, message });
  });

  it('counts the digits that carry meaning, not zeros around them', () => {
    expect(parseJsonBody('[0.000000000000000000001, 1000000000000000000000, 123456789012345]')).toEqual([1e-21, 1e21, 123456789012345]);
  });

  it('is refused without quoting it when it is not JSON, so that no secret comes back', () => {
    const error = refusal('{"password": "hunter2hunter2", oops}');
    expect(error.code).toBe('malformed_request');
    expect(error.message).not.toContain('hunter2');
    expect(error.message).toContain('character 31');
  });

  it('may be nested to the limit and no deeper', () => {
    expect(parseJsonBody('['.repeat(MAX_JSON_DEPTH) + ']'.repeat(MAX_JSON_DEPTH))).toBeInstanceOf(Array);
    expect(refusal('['.repeat(200_000) + ']'.repeat(200_000)).code).toBe('malformed_request');
  });
});
