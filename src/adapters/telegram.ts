/** The Telegram Bot API over HTTP: one POST of JSON for every call, and each of its refusals told apart. */
import { type Metrics, NO_METRICS } from '#core/metrics.ts';
import type { Telegram, TelegramAnswer, TelegramProblem } from '#core/telegram.ts';

export const TELEGRAM_PATIENCE_MS = 10_000;
/** Where Telegram asks for patience without saying how much. */
export const TELEGRAM_PAUSE_MS = 1_000;
/** An answer is never longer than a hundred updates. */
const MAX_ANSWER_BYTES = 8 * 1_024 * 1_024;
const MAX_DESCRIPTION = 300;

export interface TelegramOptions {
  readonly token: string;
  /** Address of the Bot API. */
  readonly apiRoot: string;
  /** Every call is counted here. */
  readonly metrics?: Metrics;
}

/** Opens nothing by itself. */
export function openTelegram({ token, apiRoot, metrics = NO_METRICS }: TelegramOptions): Telegram {
  const closing = new AbortController();
  const base = `${apiRoot.replace(/\/+$/, '')}/bot${token}/`;
  const unsaid = (text: string): string => text.replaceAll(token, '…').slice(0, MAX_DESCRIPTION);
  const ask = async <Result>(method: string, parameters: Readonly<Record<string, unknown>>, patienceMs: number): Promise<TelegramAnswer<Result>> => {
    try {
      const answer = await fetch(new URL(method, base), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(parameters),
        redirect: 'error',
        signal: AbortSignal.any([closing.signal, AbortSignal.timeout(patienceMs)]),
      });
      return readAnswer<Result>(answer.status, parse(await limitedText(answer)), unsaid);
    } catch (error) {
      return isUnsent(error) ? refusal('unreachable', 'Telegram cannot be reached') : refusal('unknown', 'Telegram has not answered');
    }
  };
  return {
    call: async <Result>(method: string, parameters: Readonly<Record<string, unknown>>, patienceMs = TELEGRAM_PATIENCE_MS) => {
      if (closing.signal.aborted) return refusal('unreachable', 'this process is closing');
      const answer = await ask<Result>(method, parameters, patienceMs);
      // What our own end has cut off says nothing of Telegram.
      if (closing.signal.aborted && !answer.isOk) return answer;
      metrics.countTelegramCall(method, answer.isOk ? 'ok' : answer.problem, !answer.isOk && answer.problem === 'too_many' ? (answer.retryAfterMs ?? 0) : 0);
      return answer;
    },
    close: () => closing.abort(),
  };
}

interface WireAnswer {
  readonly ok?: unknown;
  readonly result?: unknown;
  readonly description?: unknown;
  readonly error_code?: unknown;
  readonly parameters?: { readonly retry_after?: unknown };
}

function readAnswer<Result>(status: number, answer: WireAnswer | null, unsaid: (text: string) => string): TelegramAnswer<Result> {
  if (answer?.ok === true) return { isOk: true, result: answer.result as Result };
  const code = typeof answer?.error_code === 'number' ? answer.error_code : status;
  const description = typeof answer?.description === 'string' ? unsaid(answer.description) : `Telegram has answered ${status}`;
  const seconds = answer?.parameters?.retry_after;
  const retryAfterMs = typeof seconds === 'number' && seconds >= 0 ? seconds * 1_000 : null;
  const problem = problemOf(code, description);
  return refusal(problem, description, problem === 'too_many' ? (retryAfterMs ?? TELEGRAM_PAUSE_MS) : retryAfterMs);
}

/** Telegram tells its refusals apart by the text alone; the codes are coarse. */
function problemOf(code: number, description: string): TelegramProblem {
  if (code === 429) return 'too_many';
  if (code === 403 || (code === 400 && /chat not found|user is deactivated|PEER_ID_INVALID|chat was (deleted|upgraded)/i.test(description))) return 'blocked';
  // A token that is none has a path that is none.
  if (code === 401 || code === 404) return 'unauthorized';
  if (code === 409) return 'conflict';
  return code >= 400 && code < 500 ? 'invalid' : 'unknown';
}

function refusal<Result>(problem: TelegramProblem, description: string, retryAfterMs: number | null = null): TelegramAnswer<Result> {
  return { isOk: false, problem, description, retryAfterMs };
}

const UNSENT = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'];

/** Whether the connection was never made. */
function isUnsent(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : null;
  const reasons = cause instanceof AggregateError ? cause.errors : [cause];
  return reasons.every((reason: unknown) => reason instanceof Error && 'code' in reason && UNSENT.includes(String(reason.code)));
}

async function limitedText(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_ANSWER_BYTES) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): WireAnswer | null {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === 'object' ? answer : null;
  } catch {
    return null;
  }
}
