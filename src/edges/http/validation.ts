/**
 * Turns what zod finds wrong with a request into one refusal that names every field at fault.
 */
import type { FastifySchemaCompiler } from 'fastify';
import type { z } from 'zod';
import { NOT_FOUND } from '#app/missing.ts';
import { AppError } from '#core/errors.ts';
import type { Issue } from '#core/params.ts';

/** Validates one part of a request; the value that passes is what the handler gets. */
export const compileValidator: FastifySchemaCompiler<z.ZodType> =
  ({ schema, httpPart }) =>
  (data: unknown) => {
    const result = schema.safeParse(data);
    if (result.success) return { value: result.data };
    // Ids are opaque: one that cannot exist is simply not there.
    return { error: httpPart === 'params' ? new AppError('not_found', NOT_FOUND) : refuse(result.error) };
  };

function refuse(error: z.ZodError): AppError {
  const issues = error.issues.flatMap((issue) => explain(issue));
  return new AppError(
    'validation_failed',
    issues.length === 1 ? `${issues[0]?.field ?? 'A field'} ${issues[0]?.message ?? 'is not valid'}` : `${issues.length} fields are not valid.`,
    issues,
  );
}

function explain(issue: z.core.$ZodIssue): Issue[] {
  const field = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => ({ field: field === '' ? key : `${field}.${key}`, message: 'is not a known field' }));
  return [{ field: field === '' ? 'body' : field, message: messageOf(issue) }];
}

function messageOf(issue: z.core.$ZodIssue): string {
  if (isMissing(issue)) return 'is required';
  if (issue.code === 'invalid_type') return `must be ${article(issue.expected)}`;
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.map(String).join(', ')}`;
  if (issue.code === 'too_big') return `must be at most ${issue.maximum}${issue.origin === 'string' ? ' characters long' : ''}`;
  if (issue.code === 'too_small') return `must be at least ${issue.minimum}${issue.origin === 'string' ? ' characters long' : ''}`;
  return issue.message;
}

/** Zod says so in words only. */
function isMissing(issue: z.core.$ZodIssue): boolean {
  if (issue.code === 'invalid_union') return issue.errors.flat().some((inner) => isMissing(inner));
  return issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
}

function article(type: string): string {
  return `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type === 'record' ? 'object' : type}`;
}
