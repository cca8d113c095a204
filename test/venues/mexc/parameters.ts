/** The parameters of one request to MEXC: query and body together, the query before the body. */
import { illegal, missing } from './refusals.ts';

export class Parameters {
  readonly #values: URLSearchParams;

  constructor(query: string, body: string) {
    this.#values = new URLSearchParams([query, body].filter(Boolean).join('&'));
  }

  get(name: string): string | null {
    const value = this.#values.get(name);
    return value === '' ? null : value;
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
    if (!/^[0-9]{1,16}$/.test(value)) throw illegal(name);
    return Number(value);
  }

  /** A decimal as sent, or `null` when not sent. */
  decimal(name: string): string | null {
    const value = this.get(name);
    if (value === null || /^[0-9]{1,20}(?:\.[0-9]{1,20})?$/.test(value)) return value;
    throw illegal(name);
  }

  clientOrderId(name: string): string | null {
    const value = this.get(name);
    if (value === null || /^[a-zA-Z0-9_-]{1,32}$/.test(value)) return value;
    throw illegal(name);
  }
}
