/**
 * The strategies of this installation, with their settings as a JSON Schema from which forms and checks can be made.
 */
import type { Field, ParamsSpec, Text } from '#core/params.ts';
import type { RuleName, Strategy } from '#core/strategy.ts';
import { OPTION_TITLES } from './option-titles.ts';

type Language = keyof Text;
type JsonSchema = Readonly<Record<string, unknown>>;

export interface StrategyDescription {
  readonly name: string;
  readonly version: number;
  readonly title: string;
  readonly summary: string;
  /** Which automatic actions may follow its orders. */
  readonly rules: readonly RuleName[];
  /** What a user may tell it to do while it runs. */
  readonly commands: readonly { readonly name: string; readonly title: string; readonly help: string; readonly paramsSchema: JsonSchema }[];
  /** JSON Schema 2020-12 of `config`. */
  readonly configSchema: JsonSchema;
}

/** All strategies in the order of their names. */
export function describeStrategies(strategies: ReadonlyMap<string, Strategy>, language: Language): StrategyDescription[] {
  return [...strategies.values()]
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map((strategy) => ({
      name: strategy.name,
      version: strategy.version,
      title: strategy.title[language],
      summary: strategy.summary[language],
      rules: strategy.rules ?? [],
      commands: Object.entries(strategy.commands ?? {}).map(([name, spec]) => ({
        name,
        title: spec.title[language],
        help: spec.help[language],
        paramsSchema: schemaOf(spec.params, language),
      })),
      configSchema: schemaOf(strategy.params, language),
    }));
}

/** The JSON Schema of settings; decimals are strings in plain notation or JSON numbers. */
export function schemaOf(spec: ParamsSpec, language: Language): JsonSchema {
  const fields = Object.entries(spec);
  return {
    type: 'object',
    additionalProperties: false,
    required: fields.filter(([, field]) => field.kind !== 'rows' && field.optional !== true && field.default === undefined).map(([name]) => name),
    properties: Object.fromEntries(fields.map(([name, field]) => [name, schemaOfField(field, language)])),
  };
}

/** The choices once more with their names for people, where all have one. */
function titlesOf(options: readonly string[], language: Language): JsonSchema {
  const named = options.map((option) => ({ const: option, title: OPTION_TITLES[option]?.[language] }));
  return named.every(({ title }) => title !== undefined) ? { oneOf: named } : {};
}

function schemaOfField(field: Field, language: Language): JsonSchema {
  const common = { title: field.title[language], description: field.help[language], ...(field.default === undefined ? {} : { default: field.default }) };
  switch (field.kind) {
    case 'decimal':
      return {
        type: ['string', 'number'],
        format: 'decimal',
        [field.isExclusive === true ? 'exclusiveMinimum' : 'minimum']: Number(field.min),
        ...(field.max === undefined ? {} : { maximum: Number(field.max) }),
        ...common,
      };
    case 'integer':
      return { type: 'integer', minimum: field.min, maximum: field.max, ...common };
    case 'choice':
      return { type: 'string', enum: [...field.options], ...titlesOf(field.options, language), ...common };
    case 'boolean':
      return { type: 'boolean', ...common };
    case 'text':
      return { type: 'string', maxLength: field.maxLength, ...(field.pattern === undefined ? {} : { pattern: `^(?:${field.pattern})$` }), ...common };
    case 'rows':
      return { type: 'array', maxItems: field.maxRows, items: schemaOf(field.fields, language), ...common };
  }
}
