/**
 * Conditions over indicators, all of which must hold at the close of a bar: `rsi(14)` `below` `30`. Parsed once, with
 * a state of plain data that goes from bar to bar.
 */
import { MAX_OPERAND_LENGTH, type Operand, parseOperand, warmUpOf } from './indicator-operand.ts';
import type { Issue, RowsField, Text } from './params.ts';

/** `crosses_above`: above at this close and not above at the one before. */
export const RELATIONS = ['above', 'below', 'crosses_above', 'crosses_below'] as const;
export type Relation = (typeof RELATIONS)[number];

/** A condition as a user writes it. */
export interface ConditionRow {
  readonly left: string;
  readonly is: Relation;
  readonly right: string;
}

export interface Condition {
  readonly left: Operand;
  readonly is: Relation;
  readonly right: Operand;
}

/** What conditions remember from bar to bar, as plain data. */
export interface ConditionsMemory {
  /** Of each condition whether its left stood above (1), at (0) or below (-1) its right at the close before; `null` before both could be told. */
  readonly sides: (number | null)[];
}

/** More would say too much for anybody to follow. */
export const MAX_CONDITIONS = 8;

/** The setting of a strategy that takes conditions. */
export function conditionsField(
  title: Text,
  help: Text,
): RowsField & {
  readonly fields: {
    readonly left: { readonly kind: 'text'; readonly maxLength: number; readonly title: Text; readonly help: Text };
    readonly is: { readonly kind: 'choice'; readonly options: typeof RELATIONS; readonly title: Text; readonly help: Text };
    readonly right: { readonly kind: 'text'; readonly maxLength: number; readonly title: Text; readonly help: Text };
  };
} {
  const operand = {
    kind: 'text',
    maxLength: MAX_OPERAND_LENGTH,
    help: {
      en: 'A number, a figure of the bar (open, high, low, close, volume) or an indicator such as rsi(14), ema(50), bollinger(20, 2).lower.',
      ru: 'Число, показатель бара (open, high, low, close, volume) или индикатор, например rsi(14), ema(50), bollinger(20, 2).lower.',
    },
  } as const;
  return {
    kind: 'rows',
    maxRows: MAX_CONDITIONS,
    title,
    help,
    fields: {
      left: { ...operand, title: { en: 'What', ru: 'Что' } },
      is: {
        kind: 'choice',
        options: RELATIONS,
        title: { en: 'Is', ru: 'Сравнение' },
        help: {
          en: 'above or below at the close, or crosses_above or crosses_below: it was not so one bar before.',
          ru: 'above (выше) или below (ниже) на закрытии; crosses_above или crosses_below — бар назад это было не так.',
        },
      },
      right: { ...operand, title: { en: 'Than what', ru: 'С чем' } },
    },
  };
}

const parsed = new WeakMap<readonly ConditionRow[], readonly Condition[]>();

/** The conditions of settings that have passed {@link conditionIssues}; throws for others. */
export function conditionsOf(rows: readonly ConditionRow[]): readonly Condition[] {
  const known = parsed.get(rows);
  if (known !== undefined) return known;
  const conditions = rows.map((row): Condition => ({ left: operandOf(row.left), is: row.is, right: operandOf(row.right) }));
  parsed.set(rows, conditions);
  return conditions;
}

function operandOf(text: string): Operand {
  const result = parseOperand(text);
  if (!result.ok) throw new Error(result.problem);
  return result.operand;
}

/** What is wrong with conditions, under the name of their setting. */
export function conditionIssues(field: string, rows: readonly ConditionRow[]): readonly Issue[] {
  return rows.flatMap((row, index) =>
    (['left', 'right'] as const).flatMap((side) => {
      const result = parseOperand(row[side]);
      return result.ok ? [] : [{ field: `${field}[${index}].${side}`, message: result.problem }];
    }),
  );
}

/** Bars until all of them can be told; a crossing needs one more. */
export function conditionsWarmUp(conditions: readonly Condition[]): number {
  return Math.max(0, ...conditions.map(({ left, is, right }) => Math.max(warmUpOf(left), warmUpOf(right)) + (is.startsWith('crosses') ? 1 : 0)));
}

/** What the conditions look at: of each the left and the right. */
export function conditionFigures(conditions: readonly Condition[]): readonly Operand[] {
  return conditions.flatMap(({ left, right }) => [left, right]);
}

export function startConditions(conditions: readonly Condition[]): ConditionsMemory {
  return { sides: conditions.map(() => null) };
}

/**
 * Takes a close in, whose {@link conditionFigures} stand in `figures` from `from` on: whether all conditions hold. While one of them
 * warms up they do not; without any they do.
 */
export function conditionsHold(conditions: readonly Condition[], memory: ConditionsMemory, figures: Float64Array, from = 0): boolean {
  let isTrue = true;
  for (let index = 0; index < conditions.length; index += 1) {
    const side = sideOf(figures[from + 2 * index] as number, figures[from + 2 * index + 1] as number);
    if (!holds((conditions[index] as Condition).is, side, memory.sides[index] ?? null)) isTrue = false;
    memory.sides[index] = side;
  }
  return isTrue;
}

function sideOf(left: number, right: number): number | null {
  if (left > right) return 1;
  if (left < right) return -1;
  return left === right ? 0 : null;
}

function holds(relation: Relation, side: number | null, before: number | null): boolean {
  switch (relation) {
    case 'above':
      return side === 1;
    case 'below':
      return side === -1;
    case 'crosses_above':
      return side === 1 && before !== null && before <= 0;
    case 'crosses_below':
      return side === -1 && before !== null && before >= 0;
  }
}
