/** The unchanging parts of a run, from what is stored of it: the same for a restart, for a replay of its tape, and inside a sandbox. */
import type { RunSetup } from '#core/engine/engine.ts';
import { AppError } from '#core/errors.ts';
import { Scale } from '#core/instrument.ts';
import type { NamedLegTerms } from '#core/legs/leg-state.ts';
import { withNewSettings } from '#core/params.ts';
import type { LegRecipe, RunRecipe, RunRecord } from '#core/store/runs.ts';
import type { Strategy } from '#core/strategy.ts';

export function setupFrom(strategy: Strategy, recipe: RunRecipe): RunSetup {
  return {
    strategy,
    // A run that began before its strategy had a setting goes on as if that had been left out.
    params: withNewSettings(strategy.params, recipe.params),
    scale: new Scale(recipe.instrument),
    feeAsset: recipe.feeAsset,
    limits: recipe.limits,
    owner: { installation: recipe.installation, kind: 'bot', number: recipe.botNumber },
    lentGrains: recipe.lentGrains,
    ...(recipe.rules == null ? {} : { rules: recipe.rules }),
    ...(recipe.otherLegs === undefined ? {} : { legName: recipe.legName ?? 'first', otherLegs: recipe.otherLegs.map(legTermsOf) }),
  };
}

function legTermsOf({ name, instrument, feeAsset, limits, lentGrains }: LegRecipe): NamedLegTerms {
  return { name, scale: new Scale(instrument), feeAsset, limits, lentGrains };
}

/** The unchanging parts of a run, from what is stored of it; the same for a restart and for a replay of its tape. */
export function setupOf(strategies: ReadonlyMap<string, Strategy>, recipe: RunRecord['recipe']): RunSetup {
  return setupFrom(strategyOf(strategies, recipe.strategy), recipe);
}

/** Throws AppError `strategy_unknown`. */
export function strategyOf(strategies: ReadonlyMap<string, Strategy>, name: string): Strategy {
  const strategy = strategies.get(name);
  if (strategy === undefined) throw new AppError('strategy_unknown', `there is no strategy "${name}"; known are ${[...strategies.keys()].join(', ')}`);
  return strategy;
}
