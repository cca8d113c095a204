/** The parameters of one request to OKX: of a query, or of one object of a JSON body. */
import { missing, OkxRefusal, wrongParameter } from './refusals.ts';

export class Parameters {
  readonly #values: ReadonlyMap<string, string>;

  constructor(values: Iterable<readonly [string, string]>) {
    this.#values = new Map(values);
  }

  static ofQuery(query: string): Parameters {
    return new Parameters(new URLSearchParams(query));
  }

  /** One set for each object of the body; a body that is a single object makes one. */
  static ofBody(body: string): readonly Parameters[] {
    const parsed = parse(body);
    const objects: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed];
    return objects.map((object) => {
      if (typeof object !== 'object' || object === null) throw new OkxRefusal('50002', 'Incorrect json data format', { status: 400 });
      return new Parameters(Object.entries(object).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)] as const));
    });
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

  /** A positive decimal as sent, or `null` when not sent. */
  decimal(name: string): string | null {
    const value = this.get(name);
    if (value === null) return null;
    if (!/^\d{1,20}(?:\.\d{1,20})?$/.test(value)) throw wrongParameter(name);
    return value;
  }

  /** Letters and digits only, at most 32. */
  clientOrderId(name: string): string | null {
    const value = this.get(name);
    if (value === null || /^[a-zA-Z0-9]{1,32}$/.test(value)) return value;
    throw wrongParameter(name);
  }
}

function parse(body: string): unknown {
  if (body === '') throw new OkxRefusal('50000', 'Body for POST request cannot be empty.', { status: 400 });
  try {
    return JSON.parse(body);
  } catch {
    throw new OkxRefusal('50002', 'Incorrect json data format', { status: 400 });
  }
}
