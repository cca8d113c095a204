/**
 * Names in conditions and sweeps: `rsi(14)`, `bollinger(20, 2).lower`, `ema(50, high)`, `close`, `30`. Settings stand in
 * the indicator's own sequence, left out ones take their defaults; an indicator of numbers reads closes unless told otherwise.
 */
import type { Indicator } from './indicator.ts';
import { INDICATORS } from './indicators/index.gen.ts';

/** What a bar itself tells. */
export const BAR_FIELDS = ['open', 'high', 'low', 'close', 'volume'] as const;
export type BarField = (typeof BAR_FIELDS)[number];

export type Operand =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'field'; readonly field: BarField }
  | {
      readonly kind: 'indicator';
      readonly indicator: Indicator;
      readonly settings: Readonly<Record<string, number>>;
      /** What an indicator of numbers is fed with. */
      readonly source: BarField;
      readonly output: string;
    };

export type ParsedOperand = { readonly ok: true; readonly operand: Operand } | { readonly ok: false; readonly problem: string };

/** Longest text of an operand. */
export const MAX_OPERAND_LENGTH = 80;

const NUMBER = /^-?\d{1,15}(?:\.\d{1,12})?$/;
const NAME = /^([a-z][a-z_]*)\s*(?:\(([^()]*)\))?\s*(?:\.\s*([a-z][a-z0-9_]*))?$/;

/** Reads an operand. What is wrong is said in words for the user. */
export function parseOperand(text: string): ParsedOperand {
  const trimmed = text.trim();
  if (NUMBER.test(trimmed)) return { ok: true, operand: { kind: 'number', value: Number(trimmed) } };
  const match = NAME.exec(trimmed);
  if (match === null) return refuse(`${JSON.stringify(text)} is neither a number nor a name such as close, rsi(14) or bollinger(20, 2).lower`);
  const [, name = '', list, output] = match;
  if (isField(name))
    return list === undefined && output === undefined ? { ok: true, operand: { kind: 'field', field: name } } : refuse(`${name} takes nothing`);
  const indicator = INDICATORS.find((each) => each.name === name);
  if (indicator === undefined)
    return refuse(`there is no indicator ${name}; known are ${BAR_FIELDS.join(', ')}, ${INDICATORS.map((each) => each.name).join(', ')}`);
  return withSettings(indicator, splitList(list), output);
}

function splitList(list: string | undefined): readonly string[] {
  return list === undefined || list.trim() === '' ? [] : list.split(',').map((each) => each.trim());
}

function withSettings(indicator: Indicator, given: readonly string[], output: string = indicator.outputs[0]): ParsedOperand {
  const specs = Object.entries(indicator.settings);
  const last = given.at(-1);
  const source = indicator.input === 'value' && last !== undefined && isField(last) ? last : null;
  const numbers = source === null ? given : given.slice(0, -1);
  if (numbers.length > specs.length) return refuse(`${indicator.name} takes ${specs.length === 0 ? 'no settings' : specs.map(([name]) => name).join(', ')}`);
  if (!indicator.outputs.includes(output)) return refuse(`${indicator.name} has no ${output}; it has ${indicator.outputs.join(', ')}`);
  const settings: Record<string, number> = {};
  for (const [index, [name, { default: byDefault, min, max, isWhole }]] of specs.entries()) {
    const text = numbers[index];
    if (text !== undefined && !NUMBER.test(text)) return refuse(`${name} of ${indicator.name} must be a number, got ${text}`);
    const value = text === undefined ? byDefault : Number(text);
    if (value < min || value > max || (isWhole && !Number.isInteger(value)))
      return refuse(`${name} of ${indicator.name} must be a ${isWhole ? 'whole number' : 'number'} from ${min} to ${max}, got ${text}`);
    settings[name] = value;
  }
  return { ok: true, operand: { kind: 'indicator', indicator, settings, source: source ?? 'close', output } };
}

/** The figure of an indicator of closes, or of whole bars; the chief one unless another is named. */
export function figureOf(indicator: Indicator, settings: Readonly<Record<string, number>>, output: string = indicator.outputs[0]): Operand {
  return { kind: 'indicator', indicator, settings, source: 'close', output };
}

/** A figure of the bar itself. */
export function fieldOf(field: BarField): Operand {
  return { kind: 'field', field };
}

/** Bars until it has its first figure. */
export function warmUpOf(operand: Operand): number {
  return operand.kind === 'indicator' ? operand.indicator.warmUp(operand.settings) : 1;
}

function isField(name: string): name is BarField {
  return BAR_FIELDS.some((field) => field === name);
}

function refuse(problem: string): ParsedOperand {
  return { ok: false, problem };
}
