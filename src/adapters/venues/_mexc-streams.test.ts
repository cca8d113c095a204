import { describe, expect, it } from 'vitest';
import { UnreadableAnswer } from './_fields.ts';
import { mexcQuotes, mexcStream } from './_mexc-streams.ts';

/** The venue's documented samples, written by the protocol buffers' own library from the venue's own definitions. */
const DEAL =
  '0a1c73706f7440707269766174652e6465616c732e76332e6170692e70621a064d585553445430dc8095d4c43292136d0a06332e363936321201311a06332e36393632200228003a14353035393739303137343339303032363234583142004a1a4330325f5f3530353937393031373433393030323632343131355215302e303030333939383337373336393639383137315a024d5860a88095d4c432';
const ORDER =
  '0a1d73706f7440707269766174652e6f72646572732e76332e6170692e70621a064d585553445430a98095d4c4328213540a1a4330325f5f3530353937393031373433393030323632343131351a06332e353132312201312a01303206332e36393632380540025201305a01306201316a01317206332e3639363278028001938095d4c432';
const TICKER =
  '0a3473706f74407075626c69632e61676772652e626f6f6b5469636b65722e76332e6170692e7062403130306d7340425443555344541a07425443555344543091b0e7d1c432da13270a0839333338372e32381207332e37333438351a0839333338372e32392208372e363639383735';

const symbolOf = (id: string): string | null => (id === 'MXUSDT' ? 'MX/USDT' : null);
const read = (frame: unknown): unknown => mexcStream.read(frame, symbolOf);

describe('frames of the private stream at MEXC', () => {
  it('tell an execution as the list of trades will', () => {
    expect(read(Buffer.from(DEAL, 'hex'))).toEqual({
      type: 'news',
      news: [
        {
          type: 'fill',
          fill: {
            tradeId: '505979017439002624X1',
            venueOrderId: 'C02__505979017439002624115',
            clientOrderId: null,
            symbol: 'MX/USDT',
            side: 'sell',
            price: '3.6962',
            size: '1',
            feeAsset: 'MX',
            feeAmount: '0.0003998377369698171',
            isMaker: false,
            at: 1_736_417_034_000,
          },
        },
      ],
    });
  });

  it('tell an order, under the venue’s id where it has none of its own', () => {
    expect(read(Buffer.from(ORDER, 'hex'))).toEqual({
      type: 'news',
      news: [
        {
          type: 'order',
          order: {
            clientOrderId: 'C02__505979017439002624115',
            venueOrderId: 'C02__505979017439002624115',
            symbol: 'MX/USDT',
            side: 'sell',
            status: 'filled',
            price: null,
            size: '1',
            filledSize: '1',
            updatedAt: 1_736_417_034_281,
          },
        },
      ],
    });
  });

  it('of instruments that are not known, and of other channels, tell nothing', () => {
    expect(mexcStream.read(Buffer.from(ORDER, 'hex'), () => null)).toEqual({ type: 'news', news: [] });
    expect(read(Buffer.from(TICKER, 'hex'))).toEqual({ type: 'news', news: [] });
  });

  it('say when the stream delivers, and that it will not', () => {
    expect(read({ id: 0, code: 0, msg: 'spot@private.deals.v3.api.pb' })).toEqual({ type: 'news', news: [] });
    expect(read({ id: 0, code: 0, msg: 'spot@private.orders.v3.api.pb' })).toEqual({ type: 'ready' });
    expect(read({ id: 0, code: 0, msg: 'PONG' })).toEqual({ type: 'news', news: [] });
    expect(read({ id: 0, code: 0, msg: 'Not Subscribed successfully! [spot@private.orders.v3.api.pb].  Reason： Blocked! ' })).toMatchObject({ type: 'drop' });
    expect(read('Invalid listen key')).toEqual({ type: 'drop', reason: 'the key of the stream is not known', isKeyLost: true });
    expect(read('a notice')).toEqual({ type: 'news', news: [] });
  });

  it('that cannot be read are no news but an error', () => {
    const bytes = Buffer.from(DEAL, 'hex');
    expect(() => read(bytes.subarray(0, bytes.length - 4))).toThrow(UnreadableAnswer);
  });
});

describe('quotes at MEXC', () => {
  const quotes = mexcQuotes((symbol) => symbol.replace('/', ''));

  it('are read exactly', () => {
    expect(quotes.read(Buffer.from(TICKER, 'hex'))).toEqual({ marketId: 'BTCUSDT', bid: '93387.28', ask: '93387.29' });
    expect([quotes.read(Buffer.from(DEAL, 'hex')), quotes.read({ id: 0, code: 0, msg: 'PONG' })]).toEqual([null, null]);
  });

  it('are asked for in frames of a few channels', () => {
    const ids = Array.from({ length: 30 }, (_, index) => `C${index}USDT`);
    const frames = quotes.subscribe(ids) as readonly { readonly method: string; readonly params: readonly string[] }[];
    expect(frames.map(({ method, params }) => `${method} ${params.length}`)).toEqual(['SUBSCRIPTION 15', 'SUBSCRIPTION 15']);
    expect(frames[0]?.params[0]).toBe('spot@public.aggre.bookTicker.v3.api.pb@100ms@C0USDT');
    expect(quotes.unsubscribe(['BTCUSDT'])).toEqual([{ method: 'UNSUBSCRIPTION', params: ['spot@public.aggre.bookTicker.v3.api.pb@100ms@BTCUSDT'] }]);
  });
});
