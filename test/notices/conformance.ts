/** What every channel keeps to, whatever it speaks: what arrives, what each refusal means, and that strangers' texts stay texts. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Channel, SEND_PATIENCE_MS } from '#core/notices/channel.ts';
import { messageOf } from '#core/notices/message.ts';
import type { ChannelName, Message, NoticeRecord } from '#core/notices/notice.ts';

/** A channel with its peer. */
export interface ChannelRig {
  readonly channel: Channel;
  /** Where the peer takes messages; nothing of it may be said in reasons. */
  readonly address: string;
  /** What the peer has got, as its reader reads it, oldest first. */
  received(): Promise<readonly string[]>;
  /** The same as it came over the wire, with nothing decoded that a reader's program would take for more than text. */
  raw(): readonly string[];
  /** From now on the peer does this to every message; `null` where there is no such answer. */
  readonly faults: {
    readonly gone: (() => void) | null;
    readonly refused: (() => void) | null;
    readonly busy: (() => void) | null;
    readonly confused: () => void;
  };
  /** How long `busy` asks to wait. */
  readonly busyMs?: number;
  goAway(): Promise<void>;
  close(): Promise<void>;
  /** Of this text, what must not stand in the raw message; nothing by default. */
  readonly live: readonly RegExp[];
}

const notice = (id: string, data: Readonly<Record<string, unknown>>): NoticeRecord => ({
  id,
  dedupeKey: `key-${id}`,
  userId: 'ann',
  botId: 'bot',
  type: 'order_filled',
  data,
  at: 1_763_640_000_000,
  readAt: null,
});
const FILLED = { bot: 'Calm grid', side: 'buy', quantity: '0.010', symbol: 'BTC/USDT', price: '64250.10' };
const settings = { language: 'en', sounds: {} } as const;

/** Things that mean something somewhere: tags, entities, mentions, links, commands, headers, formulas, directions of writing. */
export const NASTY = [
  '<b>bold</b><script>alert(1)</script><a href="https://evil.example">x</a>&amp;&#60;',
  'a\r\nBcc: victim@example.org\r\n\r\n.\r\nbody',
  '@everyone @here <@U123> <!channel> [link](https://evil.example) `code` **b** https://evil.example/x /panic',
  '\u202eesrever\u202c \u2066x\u2069 \u0000\u0007 =HYPERLINK("https://evil.example")',
];

/** Characters that turn around the direction of reading, or end a text. */
const TURNED = new RegExp(`[${String.fromCodePoint(0)}\u202a-\u202e\u2066-\u2069]`, 'u');

export function channelConformance(name: ChannelName, open: () => Promise<ChannelRig>): void {
  let rig: ChannelRig;
  beforeEach(async () => {
    rig = await open();
  });
  afterEach(() => rig.close());
  const one = (data: Readonly<Record<string, unknown>> = FILLED): Message => messageOf([notice('1', data)], settings);

  describe(`the channel ${name}`, () => {
    it('brings a notice with its title and text', async () => {
      expect(rig.channel.name).toBe(name);
      expect(await rig.channel.send(rig.address, one())).toEqual({ outcome: 'sent' });
      const received = await rig.received();
      expect(received).toHaveLength(1);
      for (const text of ['Calm grid: Order filled', 'Buy 0.01 BTC/USDT at 64,250.1']) expect(received[0]).toContain(text);
    });

    it('brings several in one, in their order', async () => {
      const many = messageOf(
        [1, 2, 3].map((number) => notice(String(number), { ...FILLED, bot: `Grid ${number}` })),
        settings,
      );
      expect(await rig.channel.send(rig.address, many)).toEqual({ outcome: 'sent' });
      const [text = ''] = await rig.received();
      const places = [1, 2, 3].map((number) => text.indexOf(`Grid ${number}: Order filled`));
      expect(Math.min(...places)).toBeGreaterThanOrEqual(0);
      expect(places).toEqual([...places].sort((left, right) => left - right));
    });

    it('brings texts of strangers as texts', async () => {
      for (const bot of NASTY) expect(await rig.channel.send(rig.address, one({ ...FILLED, bot }))).toEqual({ outcome: 'sent' });
      expect(await rig.received()).toHaveLength(NASTY.length);
      for (const raw of rig.raw()) {
        for (const live of rig.live) expect(raw).not.toMatch(live);
        expect(raw).not.toMatch(TURNED);
      }
    });

    it.each(['gone', 'refused'] as const)('tells that an address or a message is %s', async (kind) => {
      const fault = rig.faults[kind];
      if (fault === null) return;
      fault();
      expect(await rig.channel.send(rig.address, one())).toMatchObject({ outcome: kind, reason: expect.any(String) });
    });

    it('comes back when the peer has had time', async () => {
      rig.faults.busy?.();
      if (rig.faults.busy !== null) expect(await rig.channel.send(rig.address, one())).toMatchObject({ outcome: 'later', retryAfterMs: rig.busyMs ?? null });
      rig.faults.confused();
      expect(await rig.channel.send(rig.address, one())).toMatchObject({ outcome: 'later' });
    });

    it('says in time that nobody is there, and nothing of the address', async () => {
      await rig.goAway();
      const from = performance.now();
      const outcome = await rig.channel.send(rig.address, one());
      expect(outcome).toMatchObject({ outcome: 'later' });
      expect(performance.now() - from).toBeLessThan(2 * SEND_PATIENCE_MS);
      expect(JSON.stringify(outcome)).not.toMatch(/secret|127\.0\.0\.1/);
    });
  });
}
