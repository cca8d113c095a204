/**
 * The bus by publish and subscribe of a Redis server: one connection that listens and one that speaks. Redis keeps nothing
 * of it. Several installations on one server are told apart by their name, because a channel belongs to no database of it.
 */
import { Redis } from 'ioredis';
import type { Clock, Log, OpenBus } from '#core/ports.ts';
import { type Connection, RemoteBus } from './_remote.ts';

const CONNECT_PATIENCE_MS = 5_000;
const ANSWER_PATIENCE_MS = 5_000;

/** All processes with the same server and the same `name` are on one bus. */
export function redisBus(options: { readonly url: string; readonly name: string; readonly clock: Clock; readonly log: Log }): OpenBus {
  const channel = `${options.name}:bus`;
  return new RemoteBus({ ...options, carrier: { kind: 'redis', open: (onText, onLost) => open(options.url, channel, onText, onLost) } });
}

async function open(url: string, channel: string, onText: (text: string) => void, onLost: (error: unknown) => void): Promise<Connection> {
  // Connecting again is the bus's own affair, because it has to tell of the gap.
  const settings = { lazyConnect: true, retryStrategy: null, connectTimeout: CONNECT_PATIENCE_MS, commandTimeout: ANSWER_PATIENCE_MS, keepAlive: 10_000 };
  const listener = new Redis(url, { ...settings, connectionName: 'argosy-bus' });
  const speaker = new Redis(url, { ...settings, connectionName: 'argosy-bus-out' });
  let isOver = false;
  let reason: unknown = new Error('the server has ended the connection');
  for (const client of [listener, speaker]) {
    client.on('error', (error: unknown) => {
      reason = error;
    });
    client.on('end', () => {
      if (isOver) return;
      isOver = true;
      onLost(reason);
    });
  }
  listener.on('message', (_channel: string, text: string) => onText(text));
  const close = (): Promise<void> => {
    isOver = true;
    listener.disconnect();
    speaker.disconnect();
    return Promise.resolve();
  };
  try {
    await Promise.all([listener.connect(), speaker.connect()]);
    await listener.subscribe(channel);
  } catch (error) {
    await close();
    throw reason instanceof Error && error instanceof Error && error.message === 'Connection is closed.' ? reason : error;
  }
  return {
    send: async (texts) => {
      const answers = await texts.reduce((pipeline, text) => pipeline.publish(channel, text), speaker.pipeline()).exec();
      const failure = answers?.find(([error]) => error !== null)?.[0];
      if (failure) throw failure;
    },
    ping: async () => {
      await Promise.all([listener.ping(), speaker.ping()]);
    },
    close,
  };
}
