/** Binance futures' private stream: whoever brings a listen key hears of its account, unasked. */
import { isPerpetualSymbol } from '#core/instrument.ts';
import { decimal, plain } from '#core/money.ts';
import type { StreamClient, StreamSession } from '../../_dialect.ts';
import type { World, WorldEvent } from '../../_world.ts';
import { fixed } from '../shapes.ts';
import type { ListenKeys } from './listen-keys.ts';
import { algoUpdateShape, isConditional, isInBook, updateShape } from './shapes.ts';

export class FuturesPrivateStream implements StreamSession {
  readonly #world: World;
  readonly #client: StreamClient;
  readonly #keys: ListenKeys;
  readonly #listenKey: string;
  #isToldOver = false;

  constructor(world: World, client: StreamClient, keys: ListenKeys, listenKey: string) {
    this.#world = world;
    this.#client = client;
    this.#keys = keys;
    this.#listenKey = listenKey;
  }

  get subscriptions(): number {
    return this.#keys.accountOf(this.#listenKey) === null ? 0 : 1;
  }

  onMessage(text: string): void {
    const message = JSON.parse(text) as { readonly method?: string; readonly id?: unknown };
    if (message.method === 'LIST_SUBSCRIPTIONS') this.#client.answer({ result: [this.#listenKey], id: message.id });
    else this.#client.answer({ error: { code: 2, msg: `Invalid request: unknown method ${String(message.method)}` }, id: message.id });
  }

  onEvent(event: WorldEvent): void {
    const account = this.#keys.accountOf(this.#listenKey);
    if (account === null) {
      if (!this.#isToldOver) this.#push({ e: 'listenKeyExpired', E: this.#world.now(), listenKey: this.#listenKey }, 'listenKeyExpired', '', '', '');
      this.#isToldOver = true;
      return;
    }
    if (event.type === 'balances' && event.account === account && event.wallet === 'perpetual') {
      const balances = event.changed.map(({ asset, free, locked }) => ({ a: asset, wb: fixed(plain(decimal(free).plus(locked))), cw: fixed(free), bc: '0' }));
      this.#push({ e: 'ACCOUNT_UPDATE', E: event.at, T: event.at, a: { m: 'ORDER', B: balances, P: [] } }, 'balances', '', '', account);
    }
    if (event.type === 'funding' && event.funding.account === account) {
      const { asset, amount, symbol } = event.funding;
      const told = { m: 'FUNDING_FEE', B: [{ a: asset, wb: '0', cw: '0', bc: amount }] };
      this.#push({ e: 'ACCOUNT_UPDATE', E: event.at, T: event.at, a: told }, 'funding', symbol, '', account);
    }
    if ((event.type === 'order' || event.type === 'fill') && event.order.account === account && isPerpetualSymbol(event.order.symbol)) this.#tell(event);
  }

  #tell(event: Extract<WorldEvent, { type: 'order' | 'fill' }>): void {
    const { order, at } = event;
    const push = (shape: unknown): void => this.#push(shape, event.type, order.symbol, order.clientOrderId, order.account);
    if (isConditional(order) && (event.type === 'order' || order.status === 'filled')) push(algoUpdateShape(this.#world, order, at));
    if (isInBook(order)) push(updateShape(this.#world, order, event.type === 'fill' ? event.fill : event.cause, at));
  }

  #push(message: unknown, operation: string, symbol: string, clientOrderId: string, account: string): void {
    this.#client.push({ text: JSON.stringify(message), subject: { operation, symbol: symbol === '' ? '' : symbol, clientOrderId, account } });
  }
}

/** Which of the three addresses of futures streams a path belongs to. */
export function futuresStreamOf(path: string): 'public' | 'market' | 'private' | null {
  const match = /^\/futures\/(public|market|private)\/ws(?:\/|$)/.exec(path);
  return match === null ? null : (match[1] as 'public' | 'market' | 'private');
}

/** Streams are served at one of the two public addresses each; at the other a subscription stays silent. */
export function isServedAt(category: 'public' | 'market', name: string): boolean {
  const kind = name.slice(name.indexOf('@') + 1);
  return /^(depth|bookTicker|trade|rpiDepth)/.test(kind) === (category === 'public');
}
