/** What a run takes in but once, however often it is told: bars of a length, and the user's commands. */
import type { BarClosed, UserCommand } from '../events.ts';
import type { LegState } from '../legs/leg-state.ts';
import { parseParams } from '../params.ts';
import type { Strategy } from '../strategy.ts';
import { MAX_KNOWN_COMMANDS, type RunState } from './run-state.ts';

/** Whether a bar is newer than those of its length that were told, and from now on known. So whoever feeds bars may begin anew at any of them. */
export function isNewBar(state: Pick<LegState, 'newestBars'>, event: BarClosed): boolean {
  const { intervalMs } = event;
  if (intervalMs === undefined) return true;
  const closedAt = event.closedAt ?? event.at;
  const newestBars = (state.newestBars ??= []);
  for (const newest of newestBars) {
    if (newest.intervalMs !== intervalMs) continue;
    if (closedAt <= newest.closedAt) return false;
    newest.closedAt = closedAt;
    return true;
  }
  newestBars.push({ intervalMs, closedAt });
  return true;
}

/** A command whose parameters have passed the strategy's declaration, why it is refused, or `null` when it is known already. */
export function takeCommand(
  state: RunState,
  strategy: Strategy,
  event: UserCommand,
): { readonly params: Readonly<Record<string, unknown>> } | { readonly refusal: string } | null {
  state.commandIds ??= [];
  if (state.commandIds.includes(event.commandId)) return null;
  state.commandIds.push(event.commandId);
  if (state.commandIds.length > MAX_KNOWN_COMMANDS) state.commandIds.shift();
  const { commands = {} } = strategy;
  const spec = Object.hasOwn(commands, event.name) ? commands[event.name] : undefined;
  if (spec === undefined) return { refusal: 'the strategy knows no such command' };
  const parsed = parseParams(spec.params, event.params);
  if (!parsed.ok) return { refusal: parsed.issues.map(({ field, message }) => `${field} ${message}`).join('; ') };
  return state.phase === 'running' ? { params: parsed.value } : { refusal: `the bot is ${state.phase}` };
}
