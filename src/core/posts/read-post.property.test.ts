/** Laws of the reader of posts: it never throws, is linear, invents no figure, and is not moved by how letters are written. */
import { cpuUsage } from 'node:process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CEX_DEX, CROSS_VENUE, FUNDING, SPOT_FUTURES } from './corpus-arbitrage.fixture.ts';
import { CALLS, UPDATES } from './corpus-calls.fixture.ts';
import { TRAPS } from './corpus-traps.fixture.ts';
import { MAX_POST_EVENTS, MAX_POST_LENGTH, type PostEvent, REFUSALS } from './post.ts';
import { readPost } from './read-post.ts';

const HONEST = [...CALLS, ...UPDATES, ...SPOT_FUTURES, ...FUNDING, ...CROSS_VENUE, ...CEX_DEX];
const ALL = [...HONEST.map(({ text }) => text), ...TRAPS.map(([text]) => text)];
const WORDS = [...new Set(ALL.flatMap((text) => text.split(/(?<=\s)|(?=\s)/)))];

function read(text: string, replyTo?: string) {
  return readPost({ messageId: '7', edit: 1, text, ...(replyTo === undefined ? {} : { replyTo }) }).results;
}

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.array(fc.constantFrom(...WORDS), { maxLength: 80 }).map((words) => words.join(' ')),
  fc.array(fc.constantFrom(...WORDS), { maxLength: 60 }).map((words) => words.join('')),
);

/** Every figure an event carries that somebody could trade on. */
function figures(event: PostEvent): readonly string[] {
  if (event.kind === 'arbitrage')
    return event.legs.flatMap(({ price, fundingPercent }) => [price, fundingPercent?.replace('-', '')].filter((figure) => figure != null));
  if (event.kind === 'update') return event.change.kind === 'stop_moved' && event.change.to !== 'entry' ? [event.change.to] : [];
  const levels = [...event.targets, ...(event.stop === null ? [] : [event.stop])].map((level) => ('price' in level ? level.price : level.percent));
  const { entry } = event;
  if (entry.kind === 'market') return levels;
  return [...levels, ...(entry.kind === 'prices' ? entry.prices : entry.kind === 'range' ? [entry.low, entry.high] : [entry.price])];
}

describe('any text', () => {
  it('is read or refused with a known reason, never with an error', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const results = read(text);
        expect(results.length).toBeGreaterThan(0);
        expect(results.length).toBeLessThanOrEqual(MAX_POST_EVENTS * 3);
        for (const result of results) if (result.kind === 'refused') expect(REFUSALS).toContain(result.reason);
      }),
      { numRuns: 600 },
    );
  });

  it('gives the same reading twice', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(read(text)).toEqual(read(text));
      }),
      { numRuns: 100 },
    );
  });

  it('past its limit is refused, at its limit it is read', () => {
    const long = `#BTC long\nentry 67000\ntarget 68000\nstop 66000\n${' '.repeat(MAX_POST_LENGTH)}`;
    expect(read(long)).toEqual([{ kind: 'refused', reason: 'too_long', detail: `${long.length} characters` }]);
    expect(read(long.slice(0, MAX_POST_LENGTH))).toMatchObject([{ kind: 'call' }]);
  });

  it('with more events than the limit is refused whole', () => {
    const calls = (count: number) =>
      Array.from({ length: count }, (_, index) => `#AB${String.fromCharCode(65 + index)} long entry 10 target 11 stop 9`).join('\n');
    expect(read(calls(MAX_POST_EVENTS))).toHaveLength(MAX_POST_EVENTS);
    expect(read(calls(MAX_POST_EVENTS + 1))).toMatchObject([{ kind: 'refused', reason: 'too_many' }]);
  });
});

describe('ten thousand characters', () => {
  const LENGTH = 10_000;
  const spun = [
    '1',
    '1 ',
    '1,',
    "1'",
    '1.1,',
    '111 111 ',
    '- ',
    '((((',
    ')',
    '$A',
    '#',
    'A/',
    '0x',
    'a',
    'ВТС/',
    '\n',
    'TP',
    'TP1 ',
    'https://',
    '@a',
    ':',
    '1:',
    '1️⃣',
    'x1',
    '\u200B',
    'ﷺ',
    '🔟',
    'спред ',
    'MEXC 1 ',
  ];

  it.each(spun)('of %j cost no more than their share', (unit) => {
    const text = `#BTC long ${unit.repeat(LENGTH)}`.slice(0, LENGTH);
    const before = cpuUsage();
    read(text);
    const { user } = cpuUsage(before);
    // Linear work takes about 10 ms; work that grows with the square takes seconds.
    expect(user / 1000).toBeLessThan(1000);
  });
});

describe('what is read', () => {
  it('holds no figure that the post does not hold', () => {
    fc.assert(
      fc.property(fc.constantFrom(...HONEST), fc.array(fc.tuple(fc.nat(), fc.nat({ max: 3 })), { maxLength: 3 }), (example, cuts) => {
        let text = example.text;
        for (const [at, length] of cuts) text = text.slice(0, at % (text.length + 1)) + text.slice((at % (text.length + 1)) + length);
        const digits = text.normalize('NFKC').replace(/[^\d]/g, '');
        for (const result of read(text, example.replyTo))
          if (result.kind !== 'refused')
            for (const figure of figures(result)) {
              const significant = figure.replace('.', '').replace(/^0+|0+$/g, '');
              expect(digits, `${figure} out of ${text}`).toContain(significant);
            }
      }),
      { numRuns: 800 },
    );
  });

  it('is never a signal out of a trap with a line of greetings before it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TRAPS), fc.constantFrom('Hello', '🔥🔥🔥', 'Привет!', '#crypto', '—'), ([text], greeting) => {
        expect(read(`${greeting}\n${text}`).filter(({ kind }) => kind !== 'refused')).toEqual([]);
      }),
    );
  });

  it('is the same with invisible characters between the letters', () => {
    fc.assert(
      fc.property(fc.constantFrom(...HONEST), fc.nat(), fc.constantFrom('\u200B', '\u200D', '\u2060', '\u00AD'), ({ text, replyTo }, at, invisible) => {
        const letters = [...text];
        letters.splice(at % (letters.length + 1), 0, invisible);
        expect(read(letters.join(''), replyTo)).toEqual(read(text, replyTo));
      }),
    );
  });

  it('is the same with Cyrillic letters in a ticker that look the same', () => {
    const lookAlikes: Readonly<Record<string, string>> = { A: 'А', B: 'В', C: 'С', E: 'Е', H: 'Н', K: 'К', M: 'М', O: 'О', P: 'Р', T: 'Т', X: 'Х' };
    fc.assert(
      fc.property(fc.stringMatching(/^[ABCEHKMOPTX]{2,6}$/), fc.integer({ min: 1, max: 63 }), (ticker, mask) => {
        const mixed = [...ticker].map((letter, index) => ((mask >> index) % 2 === 1 ? (lookAlikes[letter] ?? letter) : letter)).join('');
        const post = (base: string) => `${base}/USDT long\nentry 10\ntarget 12\nstop 9`;
        expect(read(post(mixed))).toEqual(read(post(ticker)));
      }),
    );
  });
});

const LANGUAGES = [
  { long: 'LONG', short: 'SHORT', entry: 'Entry', targets: 'Targets', stop: 'Stop loss', leverage: 'Leverage' },
  { long: 'Лонг', short: 'Шорт', entry: 'Вход', targets: 'Цели', stop: 'Стоп', leverage: 'Плечо' },
];

describe('a call written in any of its ways', () => {
  it('reads as what was meant, or is refused', () => {
    const steps = fc.uniqueArray(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 5 }).map((list) => list.sort((a, b) => a - b));
    fc.assert(
      fc.property(
        fc.integer({ min: 1000, max: 99_999 }),
        steps,
        fc.integer({ min: 0, max: 5 }),
        fc.boolean(),
        fc.constantFrom(...LANGUAGES),
        fc.boolean(),
        fc.constantFrom('; ', ' / ', ' - ', '\n'),
        (middle, ahead, places, isLong, words, hasComma, joint) => {
          const exact = (units: number) => (units / 10 ** places).toFixed(places);
          const shown = (units: number) => (hasComma ? exact(units).replace('.', ',') : exact(units));
          const sign = isLong ? 1 : -1;
          const targets = ahead.map((step) => middle + sign * step);
          const text = `#ABC/USDT ${isLong ? words.long : words.short}\n${words.entry}: ${shown(middle)}\n${words.targets}: ${targets.map(shown).join(joint)}\n${words.stop}: ${shown(middle - sign)}\n${words.leverage}: 5x`;
          const [result] = read(text);
          if (result?.kind === 'refused') {
            expect(hasComma).toBe(true);
            expect(result.reason).toBe('ambiguous_number');
            return;
          }
          const number = (units: number) => String(Number(exact(units)));
          expect(result).toMatchObject({
            kind: 'call',
            side: isLong ? 'long' : 'short',
            entry: { kind: 'prices', prices: [number(middle)] },
            targets: targets.map((target) => ({ price: number(target) })),
            stop: { price: number(middle - sign) },
            leverage: { min: 5, max: 5 },
          });
        },
      ),
      { numRuns: 400 },
    );
  });
});
