/** The public API as the demo uses it: a few shapes of its answers, and refusals in words. */

export interface Item {
  readonly id: string;
}

export interface Page<Entry> {
  readonly items: readonly Entry[];
}

export interface Bot extends Item {
  readonly status: string;
  readonly status_reason: string;
}

export interface CreatedBot extends Bot {
  readonly preview: { readonly figures: Readonly<Record<string, unknown>> } | null;
}

export interface Order extends Item {
  readonly status: string;
}

export interface Fill {
  readonly trade_id: string;
  readonly side: 'buy' | 'sell';
  readonly price: string;
  readonly quantity: string;
  readonly fee: string;
  readonly fee_asset: string;
  readonly at: string;
}

export interface Session {
  readonly access_token: string;
}

export interface Ticker {
  readonly bid: string;
  readonly ask: string;
  readonly notice: string | null;
}

export interface Stats {
  readonly quote_asset: string | null;
  readonly base_asset: string | null;
  readonly last_price: string | null;
  readonly base_held: string;
  readonly realised_profit: string;
  readonly floating_profit: string;
  readonly total_profit: string;
  readonly fees_total: string;
  readonly fill_count: number;
  readonly figures: Readonly<Record<string, string | number | boolean | null>>;
}

/** Something the person who runs the demo must know; the message is all there is to show. */
export class DemoFailure extends Error {}

export class DemoApi {
  readonly url: string;
  token: string | null = null;

  constructor(url: string) {
    this.url = url.replace(/\/+$/, '');
  }

  get<Answer>(path: string): Promise<Answer> {
    return this.#ask('GET', path, null);
  }

  post<Answer>(path: string, body: unknown): Promise<Answer> {
    return this.#ask('POST', path, body);
  }

  async #ask<Answer>(method: string, path: string, body: unknown): Promise<Answer> {
    const address = path === '/health' ? `${this.url}${path}` : `${this.url}/api/v1${path}`;
    const headers: Record<string, string> = {
      accept: 'application/json',
      ...(body === null ? {} : { 'content-type': 'application/json' }),
      ...(this.token === null ? {} : { authorization: `Bearer ${this.token}` }),
    };
    const response = await fetch(address, { method, headers, ...(body === null ? {} : { body: JSON.stringify(body) }) }).catch((cause: unknown) => {
      throw new DemoFailure(
        `No server answers at ${this.url}. Start it in another terminal with npm start, or name it: npm run demo -- --url http://127.0.0.1:8000`,
        { cause },
      );
    });
    const answer: unknown = await response.json().catch(() => null);
    if (response.ok) return answer as Answer;
    throw new DemoFailure(`${method} ${path} was refused with ${response.status}: ${describeProblem(answer)}`);
  }
}

function describeProblem(answer: unknown): string {
  if (typeof answer !== 'object' || answer === null) return 'the answer is not one of Argosy; is another program at this address?';
  const { title, detail, errors } = answer as {
    readonly title?: string;
    readonly detail?: string;
    readonly errors?: readonly { readonly field: string; readonly message: string }[];
  };
  return [title, detail, ...(errors ?? []).map((error) => `${error.field} ${error.message}`)].filter(Boolean).join('; ');
}
