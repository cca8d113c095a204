/**
 * Every refusal and failure leaves as RFC 9457 problem details with a code of core/errors.ts, whatever raised it.
 * What broke inside us is logged with its stack and answered without a word of it.
 */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { russianIssue } from '#app/bots/russian-issue.ts';
import { AppError, ERRORS, type ErrorCode, PortError } from '#core/errors.ts';
import type { Issue } from '#core/params.ts';
import { languageOf } from './language.ts';
import type { ProblemSchema } from './schemas/shared-pieces.ts';

export type Problem = z.output<typeof ProblemSchema>;

interface Verdict {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly issues: readonly Issue[];
  readonly retryAfterMs: number | undefined;
}

/** Answers with a problem; the one error handler of the server. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const verdict = verdictOn(error, request.routeOptions.bodyLimit);
  const { status } = ERRORS[verdict.code];
  if (verdict.code === 'internal_error') request.log.error({ err: error }, 'request failed');
  else if (status >= 500) request.log.warn({ err: error, code: verdict.code }, 'request failed for now');
  return answerProblem(request, reply, verdict);
}

/** Sends one problem as it is. */
export function answerProblem(request: FastifyRequest, reply: FastifyReply, verdict: Pick<Verdict, 'code' | 'detail'> & Partial<Verdict>): FastifyReply {
  const entry = ERRORS[verdict.code];
  const language = languageOf(request.headers['accept-language']);
  const errors = language === 'ru' ? (verdict.issues ?? []).map(russianIssue) : [...(verdict.issues ?? [])];
  const problem: Problem = {
    type: `urn:argosy:error:${verdict.code}`,
    title: entry.title[language],
    status: entry.status,
    detail: language === 'ru' && errors.length > 0 ? errors.map(({ field, message }) => `${field} ${message}`).join('; ') : verdict.detail,
    code: verdict.code,
    remedy: entry.remedy[language],
    request_id: request.id,
    errors,
  };
  if (verdict.retryAfterMs !== undefined) reply.header('retry-after', String(Math.max(1, Math.ceil(verdict.retryAfterMs / 1000))));
  if (entry.status === 401) reply.header('www-authenticate', 'Bearer');
  return reply
    .code(entry.status)
    .header('content-language', language)
    .type('application/problem+json')
    .serializer((payload: unknown) => JSON.stringify(payload))
    .send(problem);
}

function verdictOn(error: unknown, bodyLimit = BODY_LIMIT_BYTES): Verdict {
  if (error instanceof AppError) return { code: error.code, detail: error.message, issues: error.issues, retryAfterMs: error.retryAfterMs };
  if (error instanceof PortError) return { code: error.code, detail: detailOfPort(error), issues: [], retryAfterMs: error.retryAfterMs };
  return { code: codeOfFramework(error), detail: detailOfFramework(error, bodyLimit), issues: [], retryAfterMs: undefined };
}

/** A venue's words help its user; those of the database or of our own parts help nobody outside. */
function detailOfPort(error: PortError): string {
  const isAboutVenue = error.code.startsWith('venue_') || error.code.startsWith('key_');
  return isAboutVenue ? error.message : `${ERRORS[error.code].title.en}.`;
}

function codeOfFramework(error: unknown): ErrorCode {
  const { code, statusCode } = error as Partial<FastifyError>;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return 'payload_too_large';
  // Our own broken answers carry a status too, so only what the framework says of the request counts as the caller's.
  return statusCode !== undefined && statusCode >= 400 && statusCode < 500 ? 'malformed_request' : 'internal_error';
}

function detailOfFramework(error: unknown, bodyLimit: number): string {
  const { code, message, statusCode } = error as Partial<FastifyError>;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return `The body is larger than ${bodyLimit / 1024} KiB.`;
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return 'The body must be JSON with the header Content-Type: application/json.';
  return statusCode !== undefined && statusCode >= 400 && statusCode < 500
    ? (message ?? 'The request could not be read.')
    : 'The request could not be completed because of a fault in the server.';
}

/** Largest body of a request. */
export const BODY_LIMIT_BYTES = 64 * 1024;
