/** One position with several take profits, a stop, a trailing stop and a time limit, after which the bot ends. */
import { isShort } from '#core/executors/directions.ts';
import { endEntries, leavePosition, positionExecutor } from '#core/executors/position.ts';
import type { PositionIntent, PositionState } from '#core/executors/position-state.ts';
import { type Context, defineStrategy } from '#core/strategy.ts';
import { SMART_COMMANDS, SMART_PARAMS } from './_smart-params.ts';
import { planSmartTrade, positionOf } from './_smart-plan.ts';

export interface SmartTradeState {
  readonly intent: PositionIntent;
  readonly position: PositionState;
}

export const smartTrade = defineStrategy({
  name: 'smart_trade',
  version: 1,
  title: { en: 'Smart trade', ru: 'Умная сделка' },
  summary: {
    en: 'Opens one position at the market or at a price, takes profit in steps, and closes it at a stop or after a time.',
    ru: 'Открывает одну позицию по рынку или по цене, фиксирует прибыль по частям и закрывает её по стопу или по времени.',
  },
  params: SMART_PARAMS,
  markets: ['spot', 'perpetual'],
  wants: { bars: false, quotes: false },
  commands: SMART_COMMANDS,
  plan: planSmartTrade,

  start(context, params): SmartTradeState {
    const intent = positionOf(params, context, context.at);
    const state = { intent, position: positionExecutor.start(context, intent) };
    finishIfDone(context, state);
    return state;
  },

  on(context, state, event): void {
    const { intent, position } = state;
    if (event.type === 'userCommand') {
      const refusal = obey(context, state, event.name, event.params);
      if (refusal !== null)
        context.report('strategy_note', `The command ${event.name} was not carried out: ${refusal}.`, { command: event.name, reason: refusal });
    }
    positionExecutor.on(context, position, event, intent);
    finishIfDone(context, state);
  },

  figures: ({ intent, position }, scale) => positionExecutor.figures(position, scale, intent),
});

function obey(context: Context, { position, intent }: SmartTradeState, name: string, params: Readonly<Record<string, unknown>>): string | null {
  if (position.stage !== 'working') return 'the position is being closed';
  if (name === 'close_position') leavePosition(position, 'closed by command');
  else if (name === 'cancel_entry') endEntries(position);
  else position.stopTicks = context.scale.ticks(String(params['price']), isShort(intent) ? 'up' : 'down');
  return null;
}

function finishIfDone(context: Context, { position }: SmartTradeState): void {
  if (!positionExecutor.isDone(position)) return;
  const profit = context.scale.quote(position.profitAtoms);
  if (position.opened.lots > 0)
    context.report('target_reached', `The position was closed (${position.reason}) with ${profit} ${context.scale.instrument.quote}.`, {
      reason: position.reason,
      profit,
    });
  context.finish(position.reason, 'keep');
}
