/** Shows what a command would do before it is given: the strategy is asked with a copy of its run, and nothing of it is carried out. */
import { Engine, type RunSetup } from '#core/engine/engine.ts';
import type { RunState } from '#core/engine/run-state.ts';
import { AppError } from '#core/errors.ts';
import type { RunRecord } from '#core/store/runs.ts';
import type { CommandPlan, Strategy } from '#core/strategy.ts';
import { setupOf } from '../run/run-setup.ts';

/** The strategy's own figures. Throws AppError `validation_failed` naming `params.<setting>`, or `name` where the strategy shows nothing of the command. */
export function previewCommand(
  strategies: ReadonlyMap<string, Strategy>,
  { recipe, state }: Pick<RunRecord, 'recipe' | 'state'>,
  name: string,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  if (state === null || strategies.get(recipe.strategy)?.previewCommand === undefined) throw unknown(name);
  const plan = planOf(setupOf(strategies, recipe), state, name, given);
  if (plan === null) throw unknown(name);
  if (plan.ok) return plan.preview;
  const issues = plan.issues.map(({ field, message }) => ({ field: field === 'name' ? field : `params.${field}`, message }));
  throw new AppError('validation_failed', issues.map(({ field, message }) => `${field} ${message}`).join('; '), issues);
}

function planOf(setup: RunSetup, state: RunState, name: string, given: Readonly<Record<string, unknown>>): CommandPlan | null {
  const { strategy } = setup;
  let plan: CommandPlan | null = null;
  const asked: RunSetup['strategy'] = {
    ...strategy,
    on(context, own, event, params) {
      if (event.type === 'userCommand') plan = strategy.previewCommand?.(context, own, name, event.params, params) ?? null;
    },
  };
  const engine = new Engine({ ...setup, strategy: asked }, structuredClone(state));
  engine.step({ type: 'userCommand', at: engine.at, commandId: PREVIEW, name, params: given });
  return plan;
}

/** No id that a command of a user has. */
const PREVIEW = 'preview';

function unknown(name: string): AppError {
  const message = `cannot be shown beforehand: ${name} does what its help says`;
  return new AppError('validation_failed', `name ${message}`, [{ field: 'name', message }]);
}
