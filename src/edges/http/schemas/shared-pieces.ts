/**
 * Pieces that many schemas share: decimals, times, ids, pages and problems.
 */
import { z } from 'zod';
import { ERRORS, type ErrorCode } from '#core/errors.ts';
import { type DecimalString, parseDecimal, plain } from '#core/money.ts';

/** A decimal from outside: a string in plain notation, or a JSON number that is exactly one. */
export const decimalInput = z.union([z.string(), z.number()], { error: 'must be a decimal such as "0.5"' }).transform((value, context): DecimalString => {
  const parsed = parseDecimal(value);
  if (parsed.ok) return plain(parsed.value);
  context.issues.push({ code: 'custom', message: parsed.problem, input: value });
  return z.NEVER;
});

/** A decimal from outside that must be above zero. */
export const positiveDecimalInput = decimalInput.refine((value) => !value.startsWith('-') && value !== '0', { error: 'must be above 0' });

/** A decimal in an answer. */
export const decimalOutput = z.string().meta({ format: 'decimal' });

/** A moment in an answer. */
export const timeOutput = z.string().meta({ format: 'date-time' });

/** A moment from outside, as milliseconds since 1970. */
export const timeInput = z.iso
  .datetime({ offset: true, error: 'must be a time such as 2026-11-20T07:00:00Z' })
  .transform((text) => Date.parse(text))
  .refine((at) => Number.isSafeInteger(at), { error: 'must be a time such as 2026-11-20T07:00:00Z' });

/** Text people write: trimmed, printable, within bounds. */
export function textInput(maxLength: number): z.ZodString {
  return z
    .string()
    .trim()
    .min(1)
    .max(maxLength)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must not contain control characters');
}

/** Text without blanks that goes to an exchange as it is. */
export function keyInput(): z.ZodString {
  return z
    .string()
    .min(1)
    .max(512)
    .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without blanks');
}

export const symbolInput = z
  .string()
  .max(40)
  .regex(/^[A-Z0-9][A-Z0-9._-]*\/[A-Z0-9][A-Z0-9._:-]*$/, 'must be a symbol such as BTC/USDT');

const ID = /^[A-Za-z0-9_-]{1,64}$/;

/** An id in a body or a query. */
export const idInput = z.string().regex(ID, 'must be an id');

/** The id in a path. */
export const IdParams = z.strictObject({ id: z.string().regex(ID).describe('Id of the thing in question.') });

const pageFields = {
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('How many items at most, 1 to 200.'),
  cursor: z.string().max(512).optional().describe('Where to go on: `next_cursor` of the page before. Left out, the list begins with the newest.'),
};

export const PageQuery = z.strictObject(pageFields);

/** A query of a list with filters besides the page. */
export function pageQuery<Shape extends z.ZodRawShape>(filters: Shape) {
  return z.strictObject({ ...pageFields, ...filters });
}

/** A page of a list. */
export function pageOf<Item extends z.ZodType>(id: string, item: Item, description: string) {
  return z
    .object({
      items: z.array(item).describe('The items of this page.'),
      next_cursor: z.string().nullable().describe('Give it as `cursor` to get the next page; `null` at the end.'),
    })
    .meta({ id, description, examples: [{ items: [exampleOf(item)], next_cursor: null }] });
}

/** The example a schema was declared with. */
export function exampleOf(schema: unknown): unknown {
  const examples: unknown = schema instanceof z.ZodType ? z.globalRegistry.get(schema)?.['examples'] : undefined;
  return Array.isArray(examples) ? examples[0] : undefined;
}

export const FieldError = z
  .object({
    field: z.string().describe('Path of the field, such as `config.lower_price`.'),
    message: z.string().describe('What is wrong with it.'),
  })
  .meta({ id: 'FieldError', description: 'One field at fault.', examples: [{ field: 'quantity', message: 'must be above 0' }] });

export const ProblemSchema = z
  .object({
    type: z.string().describe('URN of the kind of problem.'),
    title: z.string().describe('What happened, in the language of `Accept-Language` (en or ru).'),
    status: z.int().describe('The HTTP status.'),
    detail: z.string().describe('What happened this time, with the values that matter.'),
    code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]).describe('Stable code of the problem; all are listed in docs/errors.md.'),
    remedy: z.string().describe('What to do about it.'),
    request_id: z.string().describe('Id of this request; the same as in the header `x-request-id` and in the log.'),
    errors: z.array(FieldError).describe('Fields at fault; empty where none is to blame.'),
  })
  .meta({ id: 'Problem', description: 'Problem details (RFC 9457).', examples: [problemExample('validation_failed')] });

/** What a problem of a code looks like. */
export function problemExample(code: ErrorCode) {
  const { status, title, remedy } = ERRORS[code];
  return {
    type: `urn:argosy:error:${code}`,
    title: title.en,
    status,
    detail: code === 'validation_failed' ? 'quantity must be above 0' : `${title.en}.`,
    code,
    remedy: remedy.en,
    request_id: '0198f5a2-6d1c-7c33-9b1e-4f6a1d2b3c4d',
    errors: code === 'validation_failed' ? [{ field: 'quantity', message: 'must be above 0' }] : [],
  };
}

/** Milliseconds since 1970 as ISO 8601 in UTC. */
export function isoTime(at: number): string {
  return new Date(at).toISOString();
}

export function isoTimeOrNull(at: number | null): string | null {
  return at === null ? null : isoTime(at);
}
