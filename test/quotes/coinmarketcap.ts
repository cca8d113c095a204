/**
 * CoinMarketCap on loopback, in the forms of its present API: a key, credits, and every way in which it refuses or breaks. Prices
 * move with every answer.
 */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const KEY = '11111111-2222-3333-4444-555555555555';

/** What the next answer is to be. */
export type QuoteFault =
  | 'minute'
  | 'day'
  | 'month'
  | 'address'
  | 'bare429'
  | 'wrongKey'
  | 'expired'
  | 'plan'
  | 'badRequest'
  | 'codeIn200'
  | 'serverError'
  | 'page'
  | 'objectQuotes'
  | 'empty'
  | 'halfBroken'
  | 'cutOff'
  | 'endless'
  | 'elsewhere';

const REFUSALS: Partial<Record<QuoteFault, readonly [http: number, code: number, message: string]>> = {
  minute: [429, 1008, 'You have exceeded your API Key’s HTTP request rate limit.'],
  day: [429, 1009, 'You have exceeded your API Key’s daily rate limit.'],
  month: [429, 1010, 'You have exceeded your API Key’s monthly rate limit.'],
  address: [429, 1011, 'You have hit an IP rate limit.'],
  wrongKey: [401, 1001, 'This API Key is invalid.'],
  expired: [402, 1004, 'Your API Key has expired.'],
  plan: [403, 1006, 'Your API Key subscription plan does not support this endpoint.'],
  badRequest: [400, 400, '"sort" must be one of …'],
  codeIn200: [200, 1010, 'You have exceeded your API Key’s monthly rate limit.'],
  serverError: [500, 500, 'An internal server error occurred'],
};

export class CoinMarketCapSimulator {
  readonly requests: { readonly path: string; readonly limit: number; readonly key: string | undefined }[] = [];
  /** Given to the next requests, one each. */
  readonly faults: QuoteFault[] = [];
  /** When its figures were computed. */
  updatedAt = 1_700_000_000_000;
  readonly #server: Server;
  #rounds = 0;

  constructor() {
    // A connection that is kept is not ended for being idle: on a busy machine a request may be on its way just then.
    this.#server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://simulator');
      const key = request.headers['x-cmc_pro_api_key'];
      this.requests.push({ path: pathname, limit: Number(searchParams.get('limit')), key: Array.isArray(key) ? key[0] : key });
      this.#answer(response, pathname, Number(searchParams.get('limit')), key);
    });
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  #answer(response: ServerResponse, path: string, limit: number, key: string | string[] | undefined): void {
    if (path !== '/v3/cryptocurrency/listings/latest') return send(response, 404, { statusCode: 404, error: 'Not Found', message: 'Not Found' });
    const fault = key === KEY ? this.faults.shift() : 'wrongKey';
    const refusal = fault === undefined ? undefined : REFUSALS[fault];
    if (refusal !== undefined) return send(response, refusal[0], { status: status(refusal[1], refusal[2], 0) });
    if (fault === 'bare429') return void response.writeHead(429, { 'retry-after': '90' }).end('slow down');
    if (fault === 'page') return void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>One moment</html>');
    if (fault === 'elsewhere') return void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
    if (fault === 'endless') return void response.writeHead(200).end(Buffer.alloc(5_000_000, 0x20));
    if (fault === 'cutOff') {
      response.writeHead(200, { 'content-length': '100000' });
      response.write('{"status":');
      return void response.destroy();
    }
    this.#rounds += 1;
    const rows = Array.from({ length: limit }, (_, index) => this.#row(index + 1, fault));
    send(response, 200, { status: status(0, null, Math.ceil(limit / 200)), data: fault === 'empty' ? [] : rows });
  }

  #row(rank: number, fault: QuoteFault | undefined): object {
    const at = new Date(this.updatedAt).toISOString();
    const price = rank === 3 ? 1.2345e-9 : rank === 4 ? null : 100_000 / rank + this.#rounds;
    const usd = {
      id: 2781,
      symbol: 'USD',
      price,
      volume_24h: 1e9 / rank,
      percent_change_1h: 0.1,
      percent_change_24h: rank % 2 === 0 ? -rank : rank,
      percent_change_7d: 3.5,
      market_cap: 2e12 / rank,
      last_updated: at,
    };
    const isBroken = fault === 'halfBroken' && rank % 3 !== 0;
    return {
      id: isBroken ? 'x' : rank,
      name: rank === 1 ? 'Bitcoin' : rank === 2 ? 'Wrapped Bitcoin' : `Coin ${rank}`,
      // Two with one symbol: only the number tells them apart.
      symbol: rank === 1 ? 'BTC' : rank === 6 ? 'C5' : `C${rank}`,
      slug: `coin-${rank}`,
      cmc_rank: rank,
      circulating_supply: 19_840_000,
      platform:
        rank === 2 ? { id: 1027, name: 'Ethereum', symbol: 'ETH', slug: 'ethereum', token_address: '0x2260fac5e5542a773aa44fbcfedf7c193bc2c599' } : null,
      last_updated: at,
      tags: [],
      quote: fault === 'objectQuotes' ? { USD: usd } : [{ id: 825, symbol: 'USDT', price: 1 }, usd],
    };
  }
}

function status(code: number, message: string | null, credits: number): object {
  return { timestamp: '2023-11-14T22:13:20.000Z', error_code: code, error_message: message, elapsed: 12, credit_count: credits, notice: null };
}

function send(response: ServerResponse, code: number, body: object): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
