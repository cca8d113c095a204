/** What the rules of a run's user may look at and ask for. */

import type { RunActionsHost } from '../actions/run-actions.ts';
import type { Legs } from '../legs/legs.ts';
import type { RunDesk } from './run-desk.ts';

export function actionsHostOf(desk: RunDesk, legs: Legs, cancel: (clientOrderId: string) => void): RunActionsHost {
  const { state } = desk;
  state.actions ??= [];
  return {
    get at() {
      return desk.at;
    },
    actions: state.actions,
    place: (request) => legs.first.place(request, state.phase === 'running' ? null : 'trading_halted'),
    cancel,
    setTimer: (name, at) => {
      if (state.timers[name] !== at) desk.setTimer(name, at);
    },
    clearTimer: (name) => desk.clearTimer(name),
    report: (text, code) => desk.report('strategy_note', text, { code }),
  };
}
