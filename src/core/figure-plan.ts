/** How the figures of a rule are come by: each indicator once, however many of its outputs are looked at. */
import type { Indicator } from './indicator.ts';
import type { BarField, Operand } from './indicator-operand.ts';

/** An indicator with its settings, and where its outputs go. */
export interface FigureSource {
  readonly indicator: Indicator;
  readonly settings: Readonly<Record<string, number>>;
  readonly field: BarField;
  /** The same for the same figures. */
  readonly key: string;
  /** Outputs that are looked at, and the place of each among the rule's figures. */
  readonly outputs: string[];
  readonly places: number[];
}

export interface FigurePlan {
  readonly length: number;
  readonly numbers: readonly { readonly place: number; readonly value: number }[];
  readonly fields: readonly { readonly place: number; readonly field: BarField }[];
  readonly sources: readonly FigureSource[];
}

/** Puts every operand in its place. */
export function planFigures(operands: readonly Operand[]): FigurePlan {
  const numbers: { readonly place: number; readonly value: number }[] = [];
  const fields: { readonly place: number; readonly field: BarField }[] = [];
  const sources = new Map<string, FigureSource>();
  for (const [place, operand] of operands.entries()) {
    if (operand.kind === 'number') numbers.push({ place, value: operand.value });
    else if (operand.kind === 'field') fields.push({ place, field: operand.field });
    else {
      const { indicator, settings, source: field, output } = operand;
      const key = `${indicator.name}(${Object.values(settings).join(', ')}, ${field})`;
      const known = sources.get(key) ?? { indicator, settings, field, key, outputs: [], places: [] };
      known.outputs.push(output);
      known.places.push(place);
      sources.set(key, known);
    }
  }
  return { length: operands.length, numbers, fields, sources: [...sources.values()] };
}
