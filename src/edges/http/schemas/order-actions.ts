/** Wire shapes of automatic actions on what becomes of an order. */
import { z } from 'zod';
import { MAX_PLACE_AGAIN, MAX_REST_SECONDS } from '#app/orders/action-rules.ts';
import type { ActionRules, RuleLevel } from '#core/actions/action-state.ts';
import { decimalOutput, positiveDecimalInput } from './shared-pieces.ts';

const oneOf = (names: string) => ({ error: `give exactly one of ${names}` });

function isExactlyOne(...values: readonly unknown[]): boolean {
  return values.filter((value) => value !== undefined).length === 1;
}

const percent = positiveDecimalInput.optional().describe('In per cent of the average price at which the order was executed, with up to 4 decimals.');

export const NewActions = z
  .strictObject({
    on_filled: z
      .strictObject({
        step: positiveDecimalInput.optional().describe('In the quote coin.'),
        step_percent: percent,
      })
      .refine(({ step, step_percent }) => isExactlyOne(step, step_percent), oneOf('step and step_percent'))
      .optional()
      .describe(
        'When the order is over and something of it was filled: place the opposite order for what was filled, one step away from the average price to the side that gains.',
      ),
    on_cancelled_by_exchange: z
      .strictObject({ place_again_times: z.int().min(1).max(MAX_PLACE_AGAIN).describe(`How often at most, 1 to ${MAX_PLACE_AGAIN}.`) })
      .optional()
      .describe('When the exchange, or somebody there, cancels the order and nobody here asked for that: place what is left again.'),
    on_partially_filled: z
      .strictObject({
        cancel_rest_after_seconds: z.int().min(1).max(MAX_REST_SECONDS).describe(`Counted from the first execution, 1 to ${MAX_REST_SECONDS}.`),
      })
      .optional()
      .describe('When the order stays partially filled: cancel its rest.'),
    take_profit: z
      .strictObject({ price: positiveDecimalInput.optional().describe('At this price.'), percent })
      .refine(({ price, percent: share }) => isExactlyOne(price, share), oneOf('price and percent'))
      .optional()
      .describe(
        'Close what was filled with a profit, by a limit order. Besides a stop loss it is sent when the market reaches its price, because both cannot hold the same coins.',
      ),
    stop_loss: z
      .strictObject({ trigger_price: positiveDecimalInput.optional().describe('When the market reaches this price.'), percent })
      .refine(({ trigger_price, percent: share }) => isExactlyOne(trigger_price, share), oneOf('trigger_price and percent'))
      .optional()
      .describe('Close what was filled at a loss: a stop order at the exchange where it has them, otherwise a market order when its price is seen from here.'),
  })
  .meta({
    id: 'NewActions',
    description: 'What is to follow from what becomes of the order. Never more is closed than was filled.',
    examples: [{ take_profit: { percent: '3' }, stop_loss: { percent: '1.5' } }],
  });

const level = z.object({ price: decimalOutput.nullable().describe('A price.'), percent: decimalOutput.nullable().describe('Per cent of the average price.') });

const ruleFields = {
  on_filled: z
    .object({ step: decimalOutput.nullable().describe('Step in the quote coin.'), step_percent: decimalOutput.nullable().describe('Step in per cent.') })
    .nullable()
    .describe('The opposite order.'),
  place_again_times: z.int().nullable().describe('How often the rest is placed again.'),
  cancel_rest_after_seconds: z.int().nullable().describe('How long the order may be partially filled.'),
  take_profit: level.nullable().describe('Take profit.'),
  stop_loss: level.nullable().describe('Stop loss.'),
};

const RULES_EXAMPLE = {
  on_filled: null,
  place_again_times: 3,
  cancel_rest_after_seconds: null,
  take_profit: null,
  stop_loss: null,
};

export const Rules = z
  .object(ruleFields)
  .meta({ id: 'ActionRules', description: 'Automatic actions that follow each order of a bot.', examples: [RULES_EXAMPLE] });

export const Actions = z
  .object({
    status: z
      .enum(['active', 'finished', 'called_off', 'failed'])
      .describe(
        '`called_off`: by its user, with `DELETE /orders/{id}/actions` or by cancelling one of its orders. `failed`: given up; the events of the order say why.',
      ),
    ...ruleFields,
  })
  .meta({
    id: 'Actions',
    description: 'Automatic actions of an order and how they stand.',
    examples: [
      {
        status: 'active',
        on_filled: null,
        place_again_times: null,
        cancel_rest_after_seconds: null,
        take_profit: { price: null, percent: '3' },
        stop_loss: { price: null, percent: '1.5' },
      },
    ],
  });

/** The rules behind a request. */
export function actionRules(given: z.output<typeof NewActions>): ActionRules {
  const { on_filled: filled, take_profit: profit, stop_loss: stop } = given;
  return {
    opposite:
      filled?.step !== undefined
        ? { kind: 'step', step: filled.step }
        : filled?.step_percent !== undefined
          ? { kind: 'percent', percent: filled.step_percent }
          : null,
    placeAgainTimes: given.on_cancelled_by_exchange?.place_again_times ?? null,
    cancelRestAfterSeconds: given.on_partially_filled?.cancel_rest_after_seconds ?? null,
    takeProfit: levelOf(profit?.price, profit?.percent),
    stopLoss: levelOf(stop?.trigger_price, stop?.percent),
  };
}

export function presentActions({
  rules,
  state,
}: {
  readonly rules: ActionRules;
  readonly state: { readonly status: 'active' | 'finished' | 'calledOff' | 'failed' };
}): z.output<typeof Actions> {
  return { status: state.status === 'calledOff' ? 'called_off' : state.status, ...presentRules(rules) };
}

export function presentRules(rules: ActionRules): z.output<typeof Rules> {
  const { opposite } = rules;
  return {
    on_filled:
      opposite === null ? null : { step: opposite.kind === 'step' ? opposite.step : null, step_percent: opposite.kind === 'percent' ? opposite.percent : null },
    place_again_times: rules.placeAgainTimes,
    cancel_rest_after_seconds: rules.cancelRestAfterSeconds,
    take_profit: presentLevel(rules.takeProfit),
    stop_loss: presentLevel(rules.stopLoss),
  };
}

function levelOf(price: string | undefined, share: string | undefined): RuleLevel | null {
  if (price !== undefined) return { kind: 'price', price };
  return share === undefined ? null : { kind: 'percent', percent: share };
}

function presentLevel(rule: RuleLevel | null): z.output<typeof level> | null {
  if (rule === null) return null;
  return { price: rule.kind === 'price' ? rule.price : null, percent: rule.kind === 'percent' ? rule.percent : null };
}
