/**
 * How a plug-in declares its settings. One declaration gives validation here, and at the edges the API schema,
 * the form and the documentation. Names are the wire's: snake_case.
 */
import { type DecimalString, parseDecimal, plain } from './money.ts';

/** A text in the two languages the product speaks. */
export interface Text {
  readonly en: string;
  readonly ru: string;
}

interface FieldBase {
  readonly title: Text;
  /** What it means, its unit, and what happens when it is left out. */
  readonly help: Text;
  readonly optional?: boolean;
}

export interface DecimalField extends FieldBase {
  readonly kind: 'decimal';
  /** Lowest value allowed; `0` with `isExclusive` demands a positive number. */
  readonly min: DecimalString;
  readonly isExclusive?: boolean;
  readonly max?: DecimalString;
  readonly default?: DecimalString;
}

export interface IntegerField extends FieldBase {
  readonly kind: 'integer';
  readonly min: number;
  readonly max: number;
  readonly default?: number;
}

export interface ChoiceField<Option extends string = string> extends FieldBase {
  readonly kind: 'choice';
  readonly options: readonly Option[];
  readonly default?: Option;
}

export interface BooleanField extends FieldBase {
  readonly kind: 'boolean';
  readonly default?: boolean;
}

export interface TextField extends FieldBase {
  readonly kind: 'text';
  readonly maxLength: number;
  /** A regular expression the whole text must match. */
  readonly pattern?: string;
  readonly default?: string;
}

export type ScalarField = DecimalField | IntegerField | ChoiceField | BooleanField | TextField;

/** A list of rows, each with the same settings, such as the steps of a ladder. Left out it is empty. */
export interface RowsField extends FieldBase {
  readonly kind: 'rows';
  readonly fields: Readonly<Record<string, ScalarField>>;
  readonly maxRows: number;
  readonly default?: readonly never[];
}

export type Field = ScalarField | RowsField;
export type ParamsSpec = Readonly<Record<string, Field>>;

type ValueOf<F extends Field> = F extends DecimalField
  ? DecimalString
  : F extends IntegerField
    ? number
    : F extends ChoiceField<infer Option>
      ? Option
      : F extends TextField
        ? string
        : F extends RowsField
          ? readonly { readonly [Name in keyof F['fields']]: ScalarOf<F['fields'][Name]> }[]
          : boolean;

type ScalarOf<F extends ScalarField> = F extends { readonly optional: true } ? ValueOf<F> | null : ValueOf<F>;

/** The checked settings: absent optional ones without a default are `null`. */
export type ParamsOf<Spec extends ParamsSpec> = {
  readonly [Name in keyof Spec]: Spec[Name] extends RowsField
    ? ValueOf<Spec[Name]>
    : Spec[Name] extends { readonly optional: true }
      ? ValueOf<Spec[Name]> | null
      : ValueOf<Spec[Name]>;
};

/** One refusal, naming the field and the remedy. */
export interface Issue {
  readonly field: string;
  readonly message: string;
}

export type ParsedParams<Spec extends ParamsSpec> =
  | { readonly ok: true; readonly value: ParamsOf<Spec> }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** Checks settings from outside against their declaration: types, bounds, unknown names. Rules across fields are the strategy's own. */
export function parseParams<Spec extends ParamsSpec>(spec: Spec, input: unknown): ParsedParams<Spec> {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return { ok: false, issues: [{ field: 'config', message: 'expected an object with the settings' }] };
  const given = input as Readonly<Record<string, unknown>>;
  const issues: Issue[] = [];
  const value: Record<string, unknown> = {};
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(spec, name)) issues.push({ field: name, message: `is not a setting of this strategy; known are ${Object.keys(spec).join(', ')}` });
  }
  for (const [name, field] of Object.entries(spec)) {
    const raw = Object.hasOwn(given, name) ? given[name] : undefined;
    if (field.kind === 'rows') {
      value[name] = parseRows(name, field, raw ?? [], issues);
      continue;
    }
    const parsed = parseField(field, raw);
    if (typeof parsed === 'object' && parsed !== null) issues.push({ field: name, message: parsed.problem });
    else value[name] = parsed;
  }
  if (issues.length > 0) return { ok: false, issues };
  // An object that was filled name by name is a dictionary once it has many: several times slower to read than its copy.
  return { ok: true, value: { ...value } as ParamsOf<Spec> };
}

/** Checked settings of an earlier time, with those the declaration has got since as if they had been left out. */
export function withNewSettings<Spec extends ParamsSpec>(spec: Spec, params: Readonly<Record<string, unknown>>): ParamsOf<Spec> {
  const value: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(spec)) value[name] = field.kind === 'rows' ? [] : (field.default ?? null);
  return { ...value, ...params } as ParamsOf<Spec>;
}

/** The rows of a list; what is wrong in one is named as `steps[2].size`, counted from 0. */
function parseRows(name: string, field: RowsField, raw: unknown, issues: Issue[]): readonly unknown[] {
  if (!Array.isArray(raw)) {
    issues.push({ field: name, message: 'expected a list' });
    return [];
  }
  if (raw.length > field.maxRows) {
    issues.push({ field: name, message: `must have at most ${field.maxRows} rows, got ${raw.length}` });
    return [];
  }
  return raw.map((row: unknown, index) => {
    const parsed = parseParams(field.fields, row);
    if (parsed.ok) return parsed.value;
    issues.push(...parsed.issues.map((issue) => ({ field: `${name}[${index}]${issue.field === 'config' ? '' : `.${issue.field}`}`, message: issue.message })));
    return null;
  });
}

type FieldResult = string | number | boolean | null | { readonly problem: string };

function parseField(field: ScalarField, raw: unknown): FieldResult {
  if (raw === undefined || raw === null) {
    if (field.default !== undefined) return field.default;
    return field.optional === true ? null : { problem: 'is required' };
  }
  switch (field.kind) {
    case 'decimal':
      return parseDecimalField(field, raw);
    case 'integer':
      if (typeof raw !== 'number' || !Number.isSafeInteger(raw))
        return { problem: `expected a whole number such as ${Math.max(1, field.min)}, got ${shown(raw)}` };
      return raw < field.min || raw > field.max ? { problem: `must be between ${field.min} and ${field.max}, got ${raw}` } : raw;
    case 'choice':
      return typeof raw === 'string' && field.options.includes(raw) ? raw : { problem: `must be one of ${field.options.join(', ')}, got ${shown(raw)}` };
    case 'boolean':
      return typeof raw === 'boolean' ? raw : { problem: `must be true or false, got ${shown(raw)}` };
    case 'text':
      return parseText(field, raw);
  }
}

/** What was given, short enough for a sentence. */
function shown(raw: unknown): string {
  const text = String(JSON.stringify(raw));
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

const MAX_SHOWN = 40;

function parseText(field: TextField, raw: unknown): FieldResult {
  if (typeof raw !== 'string') return { problem: 'expected a text' };
  if (raw.length > field.maxLength) return { problem: `must have at most ${field.maxLength} characters, got ${raw.length}` };
  if (field.pattern !== undefined && !new RegExp(`^(?:${field.pattern})$`).test(raw)) return { problem: `does not look as it must (${field.pattern})` };
  return raw;
}

function parseDecimalField(field: DecimalField, raw: unknown): FieldResult {
  const parsed = parseDecimal(raw);
  if (!parsed.ok) return { problem: parsed.problem };
  if (field.isExclusive === true ? parsed.value.lte(field.min) : parsed.value.lt(field.min))
    return {
      problem: `must be ${field.isExclusive === true ? 'above' : 'at least'} ${field.min}, got ${plain(parsed.value)}${field.optional === true ? '; leave it out to go without' : ''}`,
    };
  if (field.max !== undefined && parsed.value.gt(field.max)) return { problem: `must be at most ${field.max}, got ${plain(parsed.value)}` };
  return plain(parsed.value);
}
