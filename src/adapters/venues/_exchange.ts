/**
 * One ccxt exchange class, loaded when it is first used, and the few members of it that the adapters rely on.
 * The package exports only the whole of ccxt (0.3-0.5 s and 105 MB); one class by its file costs 0.07-0.1 s and 40 MB.
 */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

export type Params = Readonly<Record<string, string | number | boolean>>;

/** What ccxt's own request code needs of an answer. */
export interface FetchedAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  text(): Promise<string>;
}

export interface FetchSettings {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body?: string | undefined;
}

/** A WebSocket as ccxt keeps it. */
export interface ExchangeSocket {
  readonly url: string;
  readonly error: Error | undefined;
  connect(backoffMs?: number): unknown;
  send(message: unknown): Promise<unknown>;
  close(): unknown;
  readonly connection: { terminate?(): void } | undefined;
}

/** An unmodified ccxt.pro exchange, as far as the adapters use it. Its hooks are plain properties that ccxt documents as replaceable. */
export interface Exchange {
  apiKey: string;
  secret: string;
  password: string;
  fetchImplementation: (url: string, settings: FetchSettings) => Promise<FetchedAnswer>;
  /** The time ccxt writes into a request it signs, in milliseconds; replaceable. */
  nonce: () => number;
  readonly options: Record<string, unknown>;
  /** Sent with every request, beside those that ccxt writes itself. */
  headers: Record<string, string>;
  readonly urls: { readonly api: Readonly<Record<string, unknown>> };
  readonly clients: Record<string, ExchangeSocket>;
  parseJson(text: string): unknown;
  /** Puts the venue's host name into an address that leaves it open. */
  implodeHostname(url: string): string;
  signParams(params: Params): Readonly<Record<string, unknown>>;
  client(url: string): ExchangeSocket;
  handleMessage: (client: ExchangeSocket, message: unknown) => void;
  onConnected: (client: ExchangeSocket) => void;
  onError: (client: ExchangeSocket, error: Error) => void;
  onClose: (client: ExchangeSocket, event: unknown) => void;
}

type ExchangeClass = new (settings: Readonly<Record<string, unknown>>) => Exchange;

const classes = new Map<string, Promise<ExchangeClass>>();

/** A new instance of a ccxt.pro class, such as `binance`. Instances cost about 0.3 MB as long as they load no markets. */
export async function newExchange(name: string, settings: Readonly<Record<string, unknown>>): Promise<Exchange> {
  let loading = classes.get(name);
  if (loading === undefined) {
    loading = loadClass(name);
    classes.set(name, loading);
    loading.catch(() => classes.delete(name));
  }
  // Our links keep sockets alive; ccxt's own watch never hears a text pong, since it is a link that receives the frames.
  return new (await loading)({ ...settings, streaming: { keepAlive: 0 } });
}

/** One of ccxt's own methods for an endpoint, such as `privatePostOrder`; answers with the venue's JSON, untouched. */
export function endpointOf(exchange: Exchange, name: string): (params: Params | readonly Params[]) => Promise<unknown> {
  const method: unknown = Reflect.get(exchange, name);
  if (typeof method !== 'function') throw new Error(`ccxt has no endpoint ${name}`);
  return (params) => method.call(exchange, params) as Promise<unknown>;
}

async function loadClass(name: string): Promise<ExchangeClass> {
  const entry = pathToFileURL(createRequire(import.meta.url).resolve('ccxt'));
  const loaded = (await import(new URL(`../js/src/pro/${name}.js`, entry).href)) as { readonly default: ExchangeClass };
  return loaded.default;
}
