/** The parameters of one request to Binance, read as strictly as Binance reads them. */
import { BinanceRefusal, missing } from './refusals.ts';

/** More decimals than this is -1111 for every asset listed here. */
const ASSET_PRECISION = 8;

export class Parameters {
  readonly #values: URLSearchParams;

  /** `raw` is form-encoded: the query, the body, or both joined. */
  constructor(raw: string) {
    this.#values = new URLSearchParams(raw);
  }

  static of(values: Readonly<Record<string, unknown>>): Parameters {
    return new Parameters(new URLSearchParams(Object.entries(values).map(([name, value]) => [name, String(value)])).toString());
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
    if (!/^[0-9]{1,20}$/.test(value)) throw new BinanceRefusal(-1100, `Illegal characters found in parameter '${name}'; legal range is '^[0-9]{1,20}$'.`);
    return Number(value);
  }

  /** A decimal as sent, or `null` when not sent. */
  decimal(name: string): string | null {
    const value = this.get(name);
    if (value === null) return null;
    const match = /^[0-9]{1,20}(?:\.([0-9]{1,20}))?$/.exec(value);
    if (match === null) throw new BinanceRefusal(-1100, `Illegal characters found in parameter '${name}'; legal range is '^([0-9]{1,20})(\\.[0-9]{1,20})?$'.`);
    if ((match[1] ?? '').replace(/0+$/, '').length > ASSET_PRECISION) throw new BinanceRefusal(-1111, `Parameter '${name}' has too much precision.`);
    return value;
  }

  clientOrderId(name: string): string | null {
    const value = this.get(name);
    if (value === null || /^[a-zA-Z0-9-_]{1,36}$/.test(value)) return value;
    throw new BinanceRefusal(-1100, `Illegal characters found in parameter '${name}'; legal range is '^[a-zA-Z0-9-_]{1,36}$'.`);
  }
}
