/** The parameters of one request to Bybit, of a query or of a JSON body, read as strictly as Bybit reads them. */
import { BybitRefusal, wrongParameter } from './refusals.ts';

export class Parameters {
  readonly #values: ReadonlyMap<string, unknown>;

  constructor(values: Iterable<readonly [string, unknown]>) {
    this.#values = new Map(values);
  }

  static ofQuery(query: string): Parameters {
    return new Parameters(new URLSearchParams(query));
  }

  static ofBody(body: string): Parameters {
    let parsed: unknown;
    try {
      parsed = JSON.parse(body);
    } catch {
      throw new BybitRefusal(10001, 'params error: the body is no JSON');
    }
    if (typeof parsed !== 'object' || parsed === null) throw new BybitRefusal(10001, 'params error: the body is no object');
    return new Parameters(Object.entries(parsed));
  }

  /** `null` for what is not sent or empty; amounts must be texts, other values may be numbers. */
  get(name: string): string | null {
    const value = this.#values.get(name);
    if (value === undefined || value === null || value === '') return null;
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    throw wrongParameter(name);
  }

  need(name: string): string {
    const value = this.get(name);
    if (value === null) throw wrongParameter(name);
    return value;
  }

  integer(name: string): number | null {
    const value = this.get(name);
    if (value === null) return null;
    if (!/^\d{1,15}$/.test(value)) throw wrongParameter(name);
    return Number(value);
  }

  /** A decimal without sign or exponent, sent as a text. */
  decimal(name: string): string | null {
    const value = this.#values.get(name);
    if (value === undefined || value === '') return null;
    if (typeof value !== 'string' || !/^\d{1,20}(\.\d{1,20})?$/.test(value)) throw wrongParameter(name);
    return value;
  }

  clientOrderId(): string | null {
    const value = this.get('orderLinkId');
    if (value !== null && !/^[A-Za-z0-9_-]{1,36}$/.test(value)) throw wrongParameter('orderLinkId');
    return value;
  }
}
