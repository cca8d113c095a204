/**
 * The public API as a user's program calls it: JSON in, JSON out, problems as errors that name their code.
 */
import { sleep } from './processes.ts';

export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, detail: string) {
    super(`${status} ${code}: ${detail}`);
    this.status = status;
    this.code = code;
  }
}

export class ApiClient {
  readonly #root: string;
  #token = '';

  constructor(root: string) {
    this.#root = root;
  }

  /** Registers (a taken e-mail is fine) and logs in. */
  async enter(email: string, password: string): Promise<void> {
    await this.post('/auth/register', { email, password }).catch((error: unknown) => {
      if (!(error instanceof ApiProblem) || error.code !== 'email_taken') throw error;
    });
    const { access_token: token } = await this.post<{ access_token: string }>('/auth/login', { email, password });
    this.#token = token;
  }

  get<Answer>(path: string): Promise<Answer> {
    return this.#ask<Answer>('GET', path);
  }

  post<Answer>(path: string, body?: unknown): Promise<Answer> {
    return this.#ask<Answer>('POST', path, body);
  }

  delete<Answer>(path: string): Promise<Answer> {
    return this.#ask<Answer>('DELETE', path);
  }

  /** Every item of a list, page after page. */
  async all<Item>(path: string): Promise<Item[]> {
    const items: Item[] = [];
    let cursor: string | null = null;
    do {
      const query: string = `${path.includes('?') ? '&' : '?'}limit=200${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
      const page: { items: Item[]; next_cursor: string | null } = await this.get(path + query);
      items.push(...page.items);
      cursor = page.next_cursor;
    } while (cursor !== null);
    return items;
  }

  /** Waits as long as it is told to when it has asked too often: judging a long run takes many pages. */
  async #ask<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    for (;;) {
      const response = await this.#send(method, path, body);
      const text = await response.text();
      const retryAfterSeconds = Number(response.headers.get('retry-after') ?? Number.NaN);
      if (response.status === 429 && retryAfterSeconds >= 0) {
        await sleep(retryAfterSeconds * 1_000);
        continue;
      }
      const answer: unknown = text === '' ? null : JSON.parse(text);
      if (response.ok) return answer as Answer;
      const problem = answer as { code?: string; detail?: string };
      throw new ApiProblem(response.status, problem.code ?? 'unknown', problem.detail ?? text);
    }
  }

  async #send(method: string, path: string, body: unknown): Promise<Response> {
    const headers: Record<string, string> = this.#token === '' ? {} : { authorization: `Bearer ${this.#token}` };
    if (body !== undefined) headers['content-type'] = 'application/json';
    return await fetch(`${this.#root}/api/v1${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(15_000),
    });
  }
}
