/**
 * Reads what comes out of a sandbox. None of it is believed: every field is looked at, copied, and held to its bounds; what
 * does not look as it must is a lie, and ends the run that it came from.
 */

import { MAX_LEGS } from '../legs/legs.ts';
import type { Issue } from '../params.ts';
import { type BarsWanted, type LegNeed, type LegWish, MAX_WARM_UP_BARS, type Plan } from '../strategy.ts';
import { isLegName, readDeclaration } from './declaration.ts';
import type { Answer, PlanAnswer, Rehearsal, SandboxFailure, SandboxFailureKind, StepAnswer, Tell } from './port.ts';
import type { Declaration } from './program.ts';
import { readWishTape } from './wish-tape.ts';
import { checkedWishes, isFigures, MAX_NAME, MAX_TEXT } from './wishes.ts';

/** Times a strategy may be told something within one step of the engine. */
const MAX_TELLS = 1_001;
/** Characters of a state as JSON. */
export const MAX_STATE = 65_536;
const MAX_BARS_WANTED = 5;
const MAX_INTERVAL_MS = 31 * 86_400_000;
const MAX_ISSUES = 50;

type Given = Readonly<Record<string, unknown>>;

export function readStepAnswer(text: string): Answer<StepAnswer> {
  return read(text, (value) => {
    const { tells, state, figures, fault } = objectOf(value);
    if (!Array.isArray(tells) || tells.length > MAX_TELLS) throw new RangeError('its wishes are no list');
    if (state !== null && !(typeof state === 'string' && state.length <= MAX_STATE)) throw new RangeError('its state is no text of the size allowed');
    if (figures !== null && !isFigures(figures)) throw new RangeError('its figures are not plain');
    const failure = fault === null ? null : failureOf(fault);
    return { tells: tells.map(checkedWishes), state, figures, failure };
  });
}

export function readRehearsal(text: string): Answer<Rehearsal> {
  return read(text, (value) => {
    const { wishes, figures, failure } = objectOf(value);
    if (!Array.isArray(wishes) || !isFigures(figures)) throw new RangeError('its wishes are no list, or its figures not plain');
    return { wishes: readWishTape(wishes), figures, failure: failure === null ? null : rehearsedFailure(objectOf(failure)) };
  });
}

function rehearsedFailure(given: Given): Rehearsal['failure'] {
  return { ...tellOf(given), failure: failureOf(given['fault']) };
}

function tellOf({ isBar, tell }: Given): Tell {
  if (typeof isBar !== 'boolean' || !Number.isSafeInteger(tell) || (tell as number) < 1) throw new RangeError('something has no place in its backtest');
  return { isBar, tell: tell as number };
}

export function readPlanAnswer(text: string): Answer<PlanAnswer> {
  return read(text, (value) => {
    const { plan, bars, otherLegs } = objectOf(value);
    return { plan: planOf(objectOf(plan)), bars: barsOf(bars), otherLegs: legsOf(otherLegs ?? []) };
  });
}

export function readDeclared(text: string): Answer<Declaration> {
  return read(text, readDeclaration);
}

/** Whether the guest said yes, for questions without an answer of their own. */
export function readDone(text: string): Answer<null> {
  return read(text, () => null);
}

/** How a program did on the made-up history. Settings that its plan refuses are no fault: nobody has chosen them. */
export function readTrial(text: string): { readonly isDone: boolean; readonly orders: number; readonly note: string; readonly failure: SandboxFailure | null } {
  const tried = read(text, (value) => {
    const { failure, isSame, orders } = objectOf(value);
    return {
      failure: failure === null ? null : (rehearsedFailure(objectOf(failure))?.failure ?? null),
      isSame: isSame === true,
      orders: Number.isSafeInteger(orders) ? (orders as number) : 0,
    };
  });
  if (!tried.ok) {
    const isOfSettings = tried.failure.message.startsWith('AppError');
    return { isDone: false, orders: 0, note: tried.failure.message, failure: isOfSettings ? null : tried.failure };
  }
  const { failure, isSame, orders } = tried.value;
  return { isDone: failure === null, orders, note: '', failure: failure ?? (isSame ? null : NOT_REPEATABLE) };
}

const NOT_REPEATABLE: SandboxFailure = {
  kind: 'state',
  message: 'The strategy does otherwise when its state goes through JSON, or when it runs a second time: keep everything in the state, as plain data.',
  at: null,
};

function read<Value>(text: string, of: (value: unknown) => Value): Answer<Value> {
  try {
    const answer = objectOf(JSON.parse(text) as unknown);
    if (answer['ok'] === true) return { ok: true, value: of(answer['value']) };
    return { ok: false, failure: failureOf(answer['fault']) };
  } catch (error) {
    return { ok: false, failure: { kind: 'lied', message: `The strategy's answer is not what it must be: ${messageOf(error)}.`, at: null } };
  }
}

function planOf(plan: Given): Plan {
  if (plan['ok'] === false) {
    const { issues } = plan;
    if (!Array.isArray(issues) || issues.length === 0 || issues.length > MAX_ISSUES) throw new TypeError('plan must give its issues as a list');
    return { ok: false, issues: (issues as readonly unknown[]).map(issueOf) };
  }
  if (plan['ok'] !== true) throw new TypeError('plan must return { ok: true, … } or { ok: false, issues }');
  const { otherLegs } = plan;
  const preview = plan['preview'] ?? {};
  if (!isFigures(preview)) throw new TypeError('preview must be a small flat object of plain values');
  if (otherLegs !== undefined && !(Array.isArray(otherLegs) && otherLegs.length < MAX_LEGS))
    throw new TypeError(`otherLegs must be a list of at most ${MAX_LEGS - 1} needs`);
  return {
    ok: true,
    ...needOf(plan),
    ...(otherLegs === undefined ? {} : { otherLegs: (otherLegs as readonly unknown[]).map((need) => needOf(objectOf(need))) }),
    preview,
  };
}

function needOf(plan: Given): LegNeed {
  const { leverage, marginMode } = plan;
  if (leverage !== undefined && !(Number.isSafeInteger(leverage) && (leverage as number) >= 1 && (leverage as number) <= 125))
    throw new TypeError('leverage must be a whole number from 1 to 125');
  if (marginMode !== undefined && marginMode !== 'isolated' && marginMode !== 'cross') throw new TypeError('marginMode must be "isolated" or "cross"');
  return {
    quoteAtoms: amountAt(plan, 'quoteAtoms'),
    baseGrains: amountAt(plan, 'baseGrains'),
    ...(leverage === undefined ? {} : { leverage: leverage as number }),
    ...(marginMode === undefined ? {} : { marginMode }),
  };
}

function amountAt(plan: Given, name: string): number {
  const amount = plan[name] ?? 0;
  if (!Number.isSafeInteger(amount) || (amount as number) < 0) throw new TypeError(`${name} must be a whole number, 0 or more`);
  return amount as number;
}

function issueOf(given: unknown): Issue {
  const { field, message } = objectOf(given);
  if (typeof field !== 'string' || typeof message !== 'string') throw new TypeError('an issue must be { field, message }');
  return { field: field.slice(0, MAX_TEXT), message: message.slice(0, MAX_TEXT) };
}

function barsOf(given: unknown): readonly BarsWanted[] {
  if (!Array.isArray(given) || given.length > MAX_BARS_WANTED) throw new TypeError(`bars must be a list of at most ${MAX_BARS_WANTED}`);
  return (given as readonly unknown[]).map((each) => {
    const { intervalMs, warmUp } = objectOf(each);
    const isInterval = Number.isSafeInteger(intervalMs) && (intervalMs as number) >= 60_000 && (intervalMs as number) <= MAX_INTERVAL_MS;
    const isWarmUp = Number.isSafeInteger(warmUp) && (warmUp as number) >= 0 && (warmUp as number) <= MAX_WARM_UP_BARS;
    if (!isInterval || !isWarmUp) throw new TypeError(`bars must be { intervalMs, warmUp }, a minute or more, and at most ${MAX_WARM_UP_BARS} to warm up`);
    return { intervalMs: intervalMs as number, warmUp: warmUp as number };
  });
}

/** Whether they can be traded together is looked at by whoever opens the run. */
function legsOf(given: unknown): readonly LegWish[] {
  if (!Array.isArray(given) || given.length >= MAX_LEGS) throw new TypeError(`otherLegs must be a list of at most ${MAX_LEGS - 1}`);
  const legs = (given as readonly unknown[]).map((each): LegWish => {
    const { name, symbol, kind } = objectOf(each);
    const isRight = isLegName(name) && typeof symbol === 'string' && symbol.length > 0 && symbol.length <= MAX_NAME;
    if (!isRight || (kind !== 'spot' && kind !== 'perpetual'))
      throw new TypeError('a leg must be { name, symbol, kind }, its name of letters, digits, "-", "_", "/" and ":", its kind "spot" or "perpetual"');
    return { name, symbol, kind };
  });
  if (new Set(legs.map(({ name }) => name)).size < legs.length) throw new TypeError('two legs have the same name');
  return legs;
}

const KINDS: readonly SandboxFailureKind[] = ['threw', 'output', 'state'];

/** A fault of the guest as a failure: its place is read out of the trace, and nothing else of it leaves. */
function failureOf(fault: unknown): SandboxFailure {
  const { kind, message, stack } = objectOf(fault);
  const known = KINDS.find((each) => each === kind) ?? 'threw';
  return { kind: known, message: oneLine(String(message)), at: typeof stack === 'string' ? placeIn(stack) : null };
}

/** The first place of a program's own in a trace. */
export function placeIn(stack: string): SandboxFailure['at'] {
  const found = /strategy\/([a-z0-9][a-z0-9-]*\.(?:ts|js)):(\d{1,6}):(\d{1,6})/.exec(stack);
  return found === null ? null : { file: found[1] ?? '', line: Number(found[2]), column: Number(found[3]) };
}

/** A text of a program as it may stand in a line of ours. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').slice(0, MAX_TEXT);
}

function objectOf(value: unknown): Given {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('something is no object');
  return value as Given;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? oneLine(error.message) : 'it cannot be read';
}
