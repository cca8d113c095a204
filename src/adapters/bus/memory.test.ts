/** What a bus inside one process promises: everybody on the topic hears, nobody holds up the caller, nobody harms another. */
import { expect, it } from 'vitest';
import { quietLog } from '#test/support/quiet-log.ts';
import { memoryBus } from './memory.ts';

const settled = () => Promise.resolve();

it('delivers to every subscriber of the topic, after the caller has gone on', async () => {
  const bus = memoryBus(quietLog());
  const heard: string[] = [];
  bus.subscribe('orders', (message) => heard.push(`a:${message['n']}`));
  bus.subscribe('orders', (message) => heard.push(`b:${message['n']}`));
  bus.subscribe('bots', () => heard.push('wrong topic'));
  bus.publish('orders', { n: 1 });
  heard.push('caller');
  await settled();
  expect(heard).toEqual(['caller', 'a:1', 'b:1']);
});

it('delivers nothing once the subscription has ended, not even what is on its way', async () => {
  const bus = memoryBus(quietLog());
  const heard: unknown[] = [];
  const listen = (message: Readonly<Record<string, unknown>>) => heard.push(message['n']);
  const end = bus.subscribe('orders', listen);
  bus.subscribe('orders', listen);
  bus.publish('orders', { n: 1 });
  end();
  await settled();
  expect(heard).toEqual([1]);
});

it('keeps a failing subscriber from harming the others', async () => {
  const bus = memoryBus(quietLog());
  const heard: unknown[] = [];
  bus.subscribe('orders', () => {
    throw new Error('broken');
  });
  bus.subscribe('orders', (message) => heard.push(message['n']));
  bus.publish('orders', { n: 1 });
  await settled();
  expect(heard).toEqual([1]);
});
