/** The parameters of one request to Bitget, of a query or of a JSON body. */
import { BitgetRefusal, missing, wrongParameter } from './refusals.ts';

export class Parameters {
  readonly #values: ReadonlyMap<string, string>;

  constructor(values: Iterable<readonly [string, string]>) {
    this.#values = new Map(values);
  }

  static ofQuery(query: string): Parameters {
    return new Parameters(new URLSearchParams(query));
  }

  static ofBody(body: string): Parameters {
    const object = parse(body);
    if (typeof object !== 'object' || object === null || Array.isArray(object)) throw new BitgetRefusal('40409', 'wrong format');
    return new Parameters(Object.entries(object).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)] as const));
  }

  get(name: string): string | null {
    const value = this.#values.get(name);
    return value === undefined || value === '' ? null : value;
  }

  need(name: string): string {
    const value = this.get(name);
    if (value === null) throw missing(name);
    return value;
  }

  /** A whole number, or `null` when not sent. */
  integer(name: string): number | null {
    const value = this.get(name);
    if (value === null) return null;
    if (!/^\d{1,19}$/.test(value)) throw wrongParameter(name);
    return Number(value);
  }

  /** How many rows a list may have; a hundred at most. */
  limit(most = 100): number {
    const limit = this.integer('limit') ?? Math.min(100, most);
    if (limit < 1 || limit > most) throw wrongParameter('limit');
    return limit;
  }

  /** A positive decimal as sent, or `null` when not sent. */
  decimal(name: string): string | null {
    const value = this.get(name);
    if (value === null) return null;
    if (!/^\d{1,20}(?:\.\d{1,20})?$/.test(value)) throw wrongParameter(name);
    return value;
  }

  clientOid(): string | null {
    const value = this.get('clientOid');
    if (value === null || /^[\w\-+#]{1,50}$/.test(value)) return value;
    throw value.length > 50
      ? new BitgetRefusal('40304', 'clientOid or clientOrderId length cannot greater than 50')
      : new BitgetRefusal('43011', 'The parameter does not meet the specification clientOid');
  }
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new BitgetRefusal('40409', 'wrong format');
  }
}
