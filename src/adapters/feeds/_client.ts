/**
 * Questions to a service that gives its data to everybody, within its limit: a place in the minute first, one deadline for all of the
 * answer, no more than so many bytes of it, no way to another address. Every failure is a PortError that says what to wait for.
 */
import { PortError } from '#core/errors.ts';
import type { Clock } from '#core/ports.ts';

export const DEADLINE_MS = 10_000;
const MAX_BYTES = 4_000_000;
const MINUTE_MS = 60_000;
/** How long a service is left alone that does not say. */
export const DEFAULT_BRAKE_MS = 60_000;

export interface ClientOptions {
  readonly title: string;
  /** Without a slash at the end. */
  readonly url: string;
  readonly perMinute: number;
  readonly clock: Clock;
}

export class Client {
  readonly #options: ClientOptions;
  /** When the requests of the last minute were sent. */
  #sent: number[] = [];
  #brakedUntil = 0;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** The answer to a path; its parts have been checked. PortError `venue_rate_limited` when there is no place in this minute. */
  async get(path: string): Promise<unknown> {
    const { title, url, clock } = this.#options;
    this.#take();
    const controller = new AbortController();
    const callOff = clock.after(DEADLINE_MS, () => controller.abort());
    try {
      const answer = await fetch(`${url}${path}`, {
        redirect: 'error',
        signal: controller.signal,
        headers: { accept: 'application/json', 'user-agent': 'Argosy' },
      });
      if (answer.status !== 200) {
        await answer.body?.cancel();
        throw this.#refusal(answer);
      }
      return parsed(title, await readBody(title, answer));
    } catch (error) {
      if (error instanceof PortError) throw error;
      const reason = controller.signal.aborted ? `no complete answer within ${DEADLINE_MS} ms` : codeOf(error);
      throw new PortError('venue_unavailable', `${title} did not answer: ${reason}`, { outcome: 'failed' });
    } finally {
      callOff();
    }
  }

  #take(): void {
    const { title, perMinute, clock } = this.#options;
    const now = clock.now();
    this.#sent = this.#sent.filter((at) => at > now - MINUTE_MS);
    const waitMs = Math.max(this.#brakedUntil - now, this.#sent.length < perMinute ? 0 : (this.#sent[0] ?? now) + MINUTE_MS - now);
    if (waitMs > 0)
      throw new PortError('venue_rate_limited', `${title} was not asked: its limit is reached for ${Math.ceil(waitMs / 1_000)} s`, {
        outcome: 'failed',
        retryAfterMs: waitMs,
      });
    this.#sent.push(now);
  }

  #refusal({ status, headers }: Response): PortError {
    const { title, clock } = this.#options;
    if (status !== 429) return new PortError('venue_unavailable', `${title} answered ${status}`, { outcome: 'failed' });
    const seconds = Number(headers.get('retry-after') ?? Number.NaN);
    const brakeMs = Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : DEFAULT_BRAKE_MS;
    this.#brakedUntil = clock.now() + brakeMs;
    return new PortError('venue_rate_limited', `${title} answered 429: too many requests`, { outcome: 'failed', retryAfterMs: brakeMs });
  }
}

/** The body as text; PortError `venue_unavailable` for one that is too large. */
export async function readBody(title: string, answer: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new PortError('venue_unavailable', `${title} gave an answer of more than ${MAX_BYTES} bytes`, { outcome: 'failed' });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(title: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new PortError('venue_unavailable', `${title} gave an answer that cannot be read: no JSON`, { outcome: 'failed', cause: error });
  }
}

/** Why no answer came, in a word. */
export function codeOf(error: unknown): string {
  const cause: unknown = error instanceof Error ? error.cause : null;
  const code: unknown = typeof cause === 'object' && cause !== null ? Reflect.get(cause, 'code') : null;
  return typeof code === 'string' ? code : 'connection failed';
}
