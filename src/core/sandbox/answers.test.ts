import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oneLine, placeIn, readDeclared, readPlanAnswer, readRehearsal, readStepAnswer } from './answers.ts';
import { wishFault } from './wishes.ts';

const step = (value: object) => readStepAnswer(JSON.stringify({ ok: true, value }));
const FINE = { tells: [[['cancel', 'abc']], []], state: '{}', figures: { a: 1 }, fault: null };

describe('an answer out of a sandbox', () => {
  it('is taken as it is when all of it is as it must be', () => {
    expect(step(FINE)).toEqual({ ok: true, value: { tells: FINE.tells, state: '{}', figures: { a: 1 }, failure: null } });
  });

  it.each([
    ['a wish that there is none of', { tells: [[['steal', 1]]] }],
    ['an inherited name for a wish', { tells: [[['constructor']]] }],
    ['a size that is no whole number', { tells: [[['submit', 'buy', 'limit', 1, 0, 1.5, 'gtc', false, false, '']]] }],
    ['a negative price', { tells: [[['submit', 'buy', 'limit', -1, 0, 1, 'gtc', false, false, '']]] }],
    ['a value too many', { tells: [[['cancel', 'abc', 1]]] }],
    ['more wishes than there may be', { tells: [Array.from({ length: 1_001 }, () => ['clear', 'x'])] }],
    ['more orders than there may be', { tells: [Array.from({ length: 201 }, () => ['submit', 'buy', 'limit', 1, 0, 1, 'gtc', false, false, ''])] }],
    ['more calls than there may be', { tells: Array.from({ length: 1_002 }, () => []) }],
    ['a state that is too long', { state: 'x'.repeat(65_537) }],
    ['a state that is no text', { state: { a: 1 } }],
    ['figures with depth', { figures: { a: { b: 1 } } }],
    ['no wishes at all', { tells: null }],
  ])('that holds %s is a lie', (_, change) => {
    const answer = step({ ...FINE, ...change });
    expect(answer).toMatchObject({ ok: false, failure: { kind: 'lied' } });
  });

  it('never throws, whatever it is, and lets nothing through that is no wish', () => {
    const anything = fc.oneof(
      fc.json(),
      fc.string(),
      fc.anything().map((value) => JSON.stringify({ ok: true, value }) ?? ''),
    );
    fc.assert(
      fc.property(anything, (text) => {
        for (const read of [readStepAnswer, readRehearsal, readPlanAnswer, readDeclared]) expect(read(text).ok).toBeTypeOf('boolean');
        const answer = readStepAnswer(text);
        if (answer.ok) for (const wish of answer.value.tells.flat()) expect(wishFault(wish)).toBeNull();
      }),
    );
  });

  it('of a rehearsal must hold a tape of wishes', () => {
    const rehearsal = (wishes: unknown) => readRehearsal(JSON.stringify({ ok: true, value: { wishes, figures: {}, failure: null } }));
    expect(rehearsal([4, 1, 'clear', 'x'])).toMatchObject({ ok: true, value: { wishes: [{ isBar: true, tell: 4, wishes: [['clear', 'x']] }] } });
    expect(rehearsal([4, 1, 'steal', 'x'])).toMatchObject({ ok: false, failure: { kind: 'lied' } });
    expect(rehearsal({})).toMatchObject({ ok: false, failure: { kind: 'lied' } });
  });

  it.each([
    ['a negative amount', { plan: { ok: true, quoteAtoms: -1, baseGrains: 0 }, bars: [] }],
    ['an amount that is no number', { plan: { ok: true, quoteAtoms: null, baseGrains: '1' }, bars: [] }],
    ['a leverage beyond reason', { plan: { ok: true, quoteAtoms: 1, baseGrains: 0, leverage: 1_000 }, bars: [] }],
    ['a refusal without a reason', { plan: { ok: false, issues: [] }, bars: [] }],
    ['bars of a second', { plan: { ok: true, quoteAtoms: 1, baseGrains: 0 }, bars: [{ intervalMs: 1_000, warmUp: 0 }] }],
    ['more bars to warm up than venues tell', { plan: { ok: true, quoteAtoms: 1, baseGrains: 0 }, bars: [{ intervalMs: 60_000, warmUp: 1_001 }] }],
  ])('to a question for a plan with %s is a lie', (_, value) => {
    expect(readPlanAnswer(JSON.stringify({ ok: true, value }))).toMatchObject({ ok: false, failure: { kind: 'lied' } });
  });

  it('names a place of the program and nothing of the machine', () => {
    expect(placeIn('Error\n at f (/srv/x/secret.ts:1:1)\n at on (strategy/main.ts:12:7)')).toEqual({ file: 'main.ts', line: 12, column: 7 });
    expect(placeIn('at strategy/../../etc/passwd.ts:1:1')).toBeNull();
    expect(oneLine('a\nb\u2028c\u0000d\u202ee')).toBe('a b c d e');
  });
});
