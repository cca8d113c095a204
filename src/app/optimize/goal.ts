/** What an optimisation is after: one objective, several at once, or a weighted sum of several. */
import type { Issue } from '#core/params.ts';
import { OBJECTIVES } from './objectives/index.gen.ts';
import type { TrialFigures } from './trial-figures.ts';

/** Objectives at once. */
export const MAX_OBJECTIVES = 4;

export interface ObjectiveWish {
  readonly name: string;
  /** Given for all or for none: with weights their sum is the one objective. */
  readonly weight?: number | undefined;
}

export interface Goal {
  readonly objectives: readonly ObjectiveWish[];
  /** Sets that trade less often have no score. */
  readonly leastTrades: number;
}

const KNOWN = new Map(OBJECTIVES.map((objective) => [objective.name, objective]));

export function goalIssues({ objectives }: Goal): readonly Issue[] {
  const issues: Issue[] = [];
  if (objectives.length === 0 || objectives.length > MAX_OBJECTIVES)
    issues.push({ field: 'objectives', message: `must name 1 to ${MAX_OBJECTIVES}, got ${objectives.length}` });
  for (const [index, { name }] of objectives.entries()) {
    if (!KNOWN.has(name)) issues.push({ field: `objectives[${index}].name`, message: `must be one of ${[...KNOWN.keys()].join(', ')}` });
    else if (objectives.findIndex((other) => other.name === name) !== index) issues.push({ field: `objectives[${index}].name`, message: 'is named twice' });
  }
  const weighted = objectives.filter(({ weight }) => weight !== undefined);
  if (weighted.length > 0 && weighted.length < objectives.length) issues.push({ field: 'objectives', message: 'must all have a weight, or none' });
  return issues;
}

/** Whether closed trades must be worked out for it. */
export function needsTrades({ objectives }: Goal): boolean {
  return objectives.some(({ name }) => KNOWN.get(name)?.needsTrades === true);
}

/** A number for each objective, or one for all where they have weights; `null` where one has none or it traded too little. */
export function scoresOf({ objectives, leastTrades }: Goal, figures: TrialFigures): readonly number[] | null {
  if (figures.trades < leastTrades) return null;
  const values = objectives.map(({ name }) => KNOWN.get(name)?.value(figures) ?? Number.NaN);
  if (!values.every(Number.isFinite)) return null;
  if (objectives[0]?.weight === undefined) return values;
  return [objectives.reduce((sum, { weight = 0 }, index) => sum + weight * (values[index] as number), 0)];
}
