/** How settings are searched for, as it is typed after `argosy optimise run` and `argosy check walk-forward`. */
import type { CliCommand } from '../command.ts';
import { type Options, textOf } from '../history/arguments.ts';
import { fault, numberOf, type Plain, pairsOf, plainValue, present } from './request.ts';

export const SEARCH_OPTIONS: NonNullable<CliCommand['options']> = [
  {
    flags: '-r, --range <name=values...>',
    help: { en: 'what is varied: fast=5..50/5 or average=sma,ema', ru: 'что меняется: fast=5..50/5 или average=sma,ema' },
  },
  { flags: '--search <kind>', help: { en: 'grid, random or evolution', ru: 'grid, random или evolution' } },
  { flags: '--trials <number>', help: { en: 'sets to try; not for grid', ru: 'сколько наборов попробовать; не для grid' } },
  { flags: '--seed <number>', help: { en: 'what chance decides follows from it', ru: 'от него зависит всё случайное' } },
  {
    flags: '--objective <names>',
    help: { en: 'such as sharpe,drawdown or with weights sharpe:2,drawdown:1', ru: 'например sharpe,drawdown или с весами sharpe:2,drawdown:1' },
  },
  { flags: '--min-trades <number>', help: { en: 'sets with fewer have no score', ru: 'наборы с меньшим числом без оценки' } },
];

/** Throws AppError `validation_failed`. */
export function searchBody(options: Options): Plain {
  const objective = textOf(options, 'objective');
  return present({
    ranges: Object.fromEntries(pairsOf('--range', options['range']).map(([name, text]) => [name, rangeOf(text)])),
    search: textOf(options, 'search') ?? (options['trials'] === undefined ? 'grid' : 'evolution'),
    trials: numberOf(options, 'trials', '--trials'),
    seed: numberOf(options, 'seed', '--seed'),
    objectives: objective?.split(',').map(objectiveOf),
    min_trades: numberOf(options, 'minTrades', '--min-trades'),
  });
}

/** `5..50/5` is from, to and step; anything else is a list of values. */
function rangeOf(text: string): Plain {
  const [, from, to, step] = /^(-?[\d.]+?)\.\.(-?[\d.]+?)(?:\/([\d.]+))?$/.exec(text) ?? [];
  return from === undefined ? { values: text.split(',').map(plainValue) } : present({ from, to, step });
}

function objectiveOf(text: string): Plain {
  const [name = '', weight] = text.split(':');
  if (weight === undefined) return { name };
  const value = Number(weight);
  if (!Number.isFinite(value)) throw fault('--objective', `has the weight ${JSON.stringify(weight)}, which is no number`);
  return { name, weight: value };
}
