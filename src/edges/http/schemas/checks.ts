/** Wire shapes of looks into backtests: what one is asked for by, and what it found. */
import { z } from 'zod';
import { LEAST_WINDOWS, MAX_WALK_TRIALS, MAX_WINDOWS, type NewCheck as NewCheckInput } from '#app/honesty/checks.ts';
import type { CheckRecord } from '#core/store/checks.ts';
import { NewOptimization } from './optimizations.ts';
import { isoTime, isoTimeOrNull, timeOutput } from './shared-pieces.ts';

const KINDS = ['look_ahead', 'recursion', 'monte_carlo', 'walk_forward'] as const;
const { ranges, search, seed, objectives, min_trades } = NewOptimization.shape;

export const NewCheck = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('look_ahead').describe('Whether the strategy decides the same over histories that end earlier.') }),
    z.strictObject({ kind: z.literal('recursion').describe('How many bars its figures depend on where the history began.') }),
    z.strictObject({ kind: z.literal('monte_carlo').describe('What its trades might have done in another order.'), seed }),
    z.strictObject({
      kind: z.literal('walk_forward').describe('What would have come of choosing settings again and again.'),
      ranges,
      search,
      trials: z.int().min(1).max(MAX_WALK_TRIALS).optional().describe(`Sets to try in each window, up to ${MAX_WALK_TRIALS}; left out for \`grid\`.`),
      seed,
      objectives,
      min_trades: min_trades.unwrap().default(2).describe('Sets with fewer executions in the first part of a window have no score.'),
      windows: z.int().min(LEAST_WINDOWS).max(MAX_WINDOWS).default(5).describe('How often settings are chosen anew.'),
    }),
  ])
  .meta({ id: 'NewCheck', description: 'What is to be looked into of a backtest.', examples: [{ kind: 'look_ahead' }] });

export const CheckItem = z
  .object({
    id: z.string().describe('Its id.'),
    kind: z.enum(KINDS).describe('What is looked into.'),
    state: z.enum(['waiting', 'running', 'done', 'failed']).describe('How far it is.'),
    progress: z.number().describe('Share that is done, 0 to 1.'),
    result: z.record(z.string(), z.unknown()).nullable().describe('What was found; the guide on optimising has its form. `null` before it is done.'),
    failure: z.string().describe('Why it failed; empty otherwise.'),
    created_at: timeOutput.describe('When it was asked for.'),
    ended_at: timeOutput.nullable().describe('When it was over.'),
  })
  .meta({
    id: 'Check',
    description: 'A look into a backtest.',
    examples: [
      {
        id: '0198f5a4-2c1c-7c33-9b1e-abab1d2b3c4d',
        kind: 'look_ahead',
        state: 'done',
        progress: 1,
        result: { strategy: 'rsi', decisions: 84, cuts: 50, findings: [] },
        failure: '',
        created_at: '2026-11-20T07:00:00.000Z',
        ended_at: '2026-11-20T07:00:04.000Z',
      },
    ],
  });
export const CheckList = z
  .object({ items: z.array(CheckItem).describe('All of them, newest first.'), next_cursor: z.null().describe('There is one page.') })
  .meta({ id: 'CheckList', description: 'What was looked into of a backtest.', examples: [{ items: [], next_cursor: null }] });

export const CheckParams = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .describe('Id of the backtest.'),
  check: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .describe('Id of the check.'),
});

export function checkInput(body: z.output<typeof NewCheck>): NewCheckInput {
  if (body.kind !== 'walk_forward') return body;
  const { objectives: wanted, min_trades: leastTrades, ranges: varied, ...rest } = body;
  return { ...rest, ranges: varied as Extract<NewCheckInput, { kind: 'walk_forward' }>['ranges'], goal: { objectives: wanted, leastTrades } };
}

export function presentCheck({ id, settings, state, progress, result, failure, createdAt, endedAt }: CheckRecord): z.output<typeof CheckItem> {
  return {
    id,
    kind: settings['kind'] as (typeof KINDS)[number],
    state,
    progress,
    result: result === null ? null : (onTheWire(result) as Record<string, unknown>),
    failure,
    created_at: isoTime(createdAt),
    ended_at: isoTimeOrNull(endedAt),
  };
}

/** The same with the names of the wire. */
function onTheWire(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(onTheWire);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), onTheWire(inner)]));
}
