/**
 * What a program declares, read field by field into plain data: from the program's own export inside a sandbox, and again
 * from what arrives of it outside, which is not believed either.
 */
import type { InstrumentKind } from '../instrument.ts';
import { parseDecimal } from '../money.ts';
import type { Field, ParamsSpec, ScalarField, Text } from '../params.ts';
import type { CommandSpec, RuleName, Strategy } from '../strategy.ts';
import type { Declaration } from './program.ts';

export const MAX_PARAMS = 60;
const MAX_COMMANDS = 10;
const MAX_TITLE = 80;
const MAX_SUMMARY = 500;
const MAX_OPTIONS = 50;
const MAX_ROWS = 100;
const MAX_VERSION = 1_000_000;

/** Names of strategies, settings and commands: the wire's. */
const NAME = /^[a-z][a-z0-9_-]{0,47}$/;
const SETTING = /^[a-z][a-z0-9_]{0,47}$/;

type Given = Readonly<Record<string, unknown>>;

/** The export of a program, and its declaration. Throws TypeError naming the field at fault and what it must be. */
export function readProgram(given: unknown): { readonly declaration: Declaration; readonly strategy: Strategy } {
  const program = objectAt(given, 'the default export', 'must be defineStrategy({ … })');
  for (const name of ['plan', 'start', 'on']) if (typeof program[name] !== 'function') fail(name, 'must be a function');
  for (const name of ['bars', 'figures', 'otherLegs'])
    if (program[name] !== undefined && typeof program[name] !== 'function') fail(name, 'must be a function, or left out');
  const declaration = readDeclaration({ ...program, choosesBars: program['bars'] !== undefined, choosesLegs: program['otherLegs'] !== undefined });
  return { declaration, strategy: withoutMore(program as unknown as Strategy, declaration) };
}

/** Nothing but what a declaration knows of: what else a program brings would be heeded on its side only. */
function withoutMore(program: Strategy, { params, commands, markets, wants, name, version, title, summary, legName }: Declaration): Strategy {
  return {
    name,
    version,
    title,
    summary,
    params,
    markets,
    wants,
    commands,
    ...(program.bars === undefined ? {} : { bars: (given) => program.bars?.(given) ?? [] }),
    ...(legName === undefined ? {} : { legName }),
    ...(program.otherLegs === undefined ? {} : { otherLegs: (given, symbol) => program.otherLegs?.(given, symbol) ?? [] }),
    ...(program.figures === undefined ? {} : { figures: (state, scale) => program.figures?.(state, scale) ?? {} }),
    plan: (input) => program.plan(input),
    start: (context, given) => program.start(context, given),
    on: (context, state, event, given) => program.on(context, state, event, given),
  };
}

/** A declaration from anywhere, as plain data that shares nothing with it. Throws TypeError. */
export function readDeclaration(given: unknown): Declaration {
  const source = objectAt(given, 'the declaration', 'must be an object');
  const wants = objectAt(source['wants'], 'wants', 'must be { bars: …, quotes: … }');
  const markets = source['markets'] ?? ['spot'];
  if (!Array.isArray(markets) || markets.length === 0 || !markets.every(isMarket)) fail('markets', 'must be a list of "spot" and "perpetual"');
  return {
    name: textAt(source['name'], 'name', NAME, 'must be small letters, digits, "-" and "_", at most 48, a letter first'),
    version: wholeAt(source['version'], 'version', 1, MAX_VERSION),
    title: bothAt(source['title'], 'title', MAX_TITLE),
    summary: bothAt(source['summary'], 'summary', MAX_SUMMARY),
    params: specAt(source['params'], 'params'),
    markets: [...new Set(markets as readonly InstrumentKind[])],
    wants: { bars: flagAt(wants['bars'], 'wants.bars'), quotes: flagAt(wants['quotes'], 'wants.quotes') },
    commands: commandsAt(source['commands'] ?? {}),
    ...(source['rules'] === undefined ? {} : { rules: rulesAt(source['rules']) }),
    choosesBars: source['choosesBars'] === true,
    ...(source['legName'] === undefined ? {} : { legName: legNameAt(source['legName']) }),
    ...(source['choosesLegs'] === true ? { choosesLegs: true } : {}),
  };
}

function isMarket(value: unknown): value is InstrumentKind {
  return value === 'spot' || value === 'perpetual';
}

/** Names of legs stand in events and books beside symbols, which may be such names. */
const LEG_NAME = /^[A-Za-z][A-Za-z0-9_/:-]{0,47}$/;

export function isLegName(value: unknown): value is string {
  // What every object has by inheritance is no name for what stands in one.
  return typeof value === 'string' && LEG_NAME.test(value) && !(value in {});
}

function legNameAt(value: unknown): string {
  return isLegName(value) ? value : fail('legName', 'must be letters, digits, "-", "_", "/" and ":", at most 48, a letter first');
}

const RULES: readonly RuleName[] = ['opposite', 'placeAgain', 'cancelRest', 'takeProfit', 'stopLoss'];

function rulesAt(given: unknown): readonly RuleName[] {
  const must = `must be a list of ${RULES.map((name) => `"${name}"`).join(', ')}`;
  if (!Array.isArray(given)) return fail('rules', must);
  const strangers = (given as readonly unknown[]).filter((each) => !RULES.includes(each as RuleName));
  return strangers.length > 0 ? fail('rules', must) : RULES.filter((name) => given.includes(name));
}

function commandsAt(given: unknown): Readonly<Record<string, CommandSpec>> {
  const entries = entriesAt(given, 'commands', MAX_COMMANDS, NAME);
  return Object.fromEntries(
    entries.map(([name, each]) => {
      const path = `commands.${name}`;
      const command = objectAt(each, path, 'must be { title, help, params }');
      return [
        name,
        {
          title: bothAt(command['title'], `${path}.title`, MAX_TITLE),
          help: bothAt(command['help'], `${path}.help`, MAX_SUMMARY),
          params: specAt(command['params'] ?? {}, `${path}.params`),
        },
      ];
    }),
  );
}

function specAt(given: unknown, path: string): ParamsSpec {
  return Object.fromEntries(entriesAt(given, path, MAX_PARAMS, SETTING).map(([name, field]) => [name, fieldAt(field, `${path}.${name}`)]));
}

function fieldAt(given: unknown, path: string): Field {
  const field = objectAt(given, path, 'must be an object with its kind');
  const common = baseOf(field, path);
  if (field['kind'] !== 'rows') return scalarAt(field, path);
  const fields = Object.fromEntries(
    entriesAt(field['fields'], `${path}.fields`, MAX_PARAMS, SETTING).map(([name, each]) => [
      name,
      scalarAt(objectAt(each, `${path}.fields.${name}`, 'must be an object with its kind'), `${path}.fields.${name}`),
    ]),
  );
  return { ...common, kind: 'rows', fields, maxRows: wholeAt(field['maxRows'], `${path}.maxRows`, 1, MAX_ROWS) };
}

function baseOf(field: Given, path: string): { readonly title: Text; readonly help: Text; readonly optional?: boolean } {
  const optional = field['optional'];
  return {
    title: bothAt(field['title'], `${path}.title`, MAX_TITLE),
    help: bothAt(field['help'], `${path}.help`, MAX_SUMMARY),
    ...(optional === undefined ? {} : { optional: flagAt(optional, `${path}.optional`) }),
  };
}

function scalarAt(field: Given, path: string): ScalarField {
  const common = baseOf(field, path);
  const preset = field['default'];
  const defaultOf = <Value>(read: (value: unknown, path: string) => Value): { readonly default?: Value } =>
    preset === undefined ? {} : { default: read(preset, `${path}.default`) };
  switch (field['kind']) {
    case 'decimal':
      return {
        ...common,
        kind: 'decimal',
        min: decimalAt(field['min'], `${path}.min`),
        ...(field['isExclusive'] === undefined ? {} : { isExclusive: flagAt(field['isExclusive'], `${path}.isExclusive`) }),
        ...(field['max'] === undefined ? {} : { max: decimalAt(field['max'], `${path}.max`) }),
        ...defaultOf(decimalAt),
      };
    case 'integer': {
      const bound = (name: string) => wholeAt(field[name], `${path}.${name}`, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
      const [min, max] = [bound('min'), bound('max')];
      return { ...common, kind: 'integer', min, max, ...defaultOf((value, at) => wholeAt(value, at, min, max)) };
    }
    case 'choice': {
      const { options } = field;
      const isRight = Array.isArray(options) && options.length > 0 && options.length <= MAX_OPTIONS && options.every((each) => isText(each, MAX_TITLE));
      if (!isRight) return fail(`${path}.options`, `must be a list of 1 to ${MAX_OPTIONS} texts`);
      const known = [...(options as readonly string[])];
      return {
        ...common,
        kind: 'choice',
        options: known,
        ...defaultOf((value, at) => (known.includes(value as string) ? (value as string) : fail(at, 'must be one of the options'))),
      };
    }
    case 'boolean':
      return { ...common, kind: 'boolean', ...defaultOf(flagAt) };
    case 'text': {
      // A pattern would be a program of its own, run where nothing limits its time.
      if (field['pattern'] !== undefined) fail(`${path}.pattern`, 'is not possible in a strategy of your own; look at the text in plan');
      const maxLength = wholeAt(field['maxLength'], `${path}.maxLength`, 1, MAX_SUMMARY);
      return {
        ...common,
        kind: 'text',
        maxLength,
        ...defaultOf((value, at) => (isText(value, maxLength) ? value : fail(at, 'must be a text within maxLength'))),
      };
    }
    default:
      return fail(`${path}.kind`, 'must be "decimal", "integer", "choice", "boolean", "text" or "rows"');
  }
}

function objectAt(value: unknown, path: string, must: string): Given {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Given) : fail(path, must);
}

function entriesAt(value: unknown, path: string, most: number, names: RegExp): readonly (readonly [string, unknown])[] {
  const entries = Object.entries(objectAt(value, path, 'must be an object'));
  if (entries.length > most) fail(path, `must have at most ${most} entries`);
  // The settings of a bot keep its automatic actions under this name.
  if (entries.some(([name]) => name === 'actions')) fail(path, 'has the name "actions", which is taken');
  const stranger = entries.find(([name]) => !names.test(name));
  if (stranger !== undefined) fail(path, `has the name "${stranger[0].slice(0, MAX_TITLE)}"; names are small letters, digits and "_", a letter first`);
  return entries;
}

function isText(value: unknown, most: number): value is string {
  return typeof value === 'string' && value.length <= most;
}

function textAt(value: unknown, path: string, pattern: RegExp, must: string): string {
  return typeof value === 'string' && pattern.test(value) ? value : fail(path, must);
}

/** A text in both languages; one text stands for both. */
function bothAt(value: unknown, path: string, most: number): Text {
  const must = `must be a text of at most ${most} characters, or { en, ru }`;
  if (isText(value, most)) return { en: value, ru: value };
  const { en, ru } = objectAt(value, path, must);
  return isText(en, most) && isText(ru, most) ? { en, ru } : fail(path, must);
}

function flagAt(value: unknown, path: string): boolean {
  return typeof value === 'boolean' ? value : fail(path, 'must be true or false');
}

function wholeAt(value: unknown, path: string, min: number, max: number): number {
  return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
    ? (value as number)
    : fail(path, `must be a whole number from ${min} to ${max}`);
}

function decimalAt(value: unknown, path: string): string {
  return isText(value, MAX_TITLE) && parseDecimal(value).ok ? value : fail(path, 'must be a decimal as a text, such as "0.5"');
}

function fail(path: string, must: string): never {
  throw new TypeError(`${path} ${must}`);
}
