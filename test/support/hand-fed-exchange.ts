/** As much of a ccxt exchange as a stream needs, connected at once, with the test for a venue. */
import type { Exchange } from '#adapters/venues/_exchange.ts';

export interface HandFedExchange {
  readonly exchange: Exchange;
  /** What was sent to the venue. */
  readonly sent: unknown[];
  /** A frame from the venue. */
  push(frame: unknown): void;
}

export function handFedExchange(): HandFedExchange {
  const sent: unknown[] = [];
  const exchange = Object.create({ onError: () => undefined, onClose: () => undefined }) as Exchange;
  const socket = {
    url: 'ws://nowhere',
    connect: () => queueMicrotask(() => exchange.onConnected(socket)),
    send: async (frame: unknown) => sent.push(frame),
    close: () => undefined,
    error: undefined,
    connection: undefined,
  };
  Object.assign(exchange, { clients: {}, client: () => socket });
  return { exchange, sent, push: (frame) => exchange.handleMessage(socket, frame) };
}
