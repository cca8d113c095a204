import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFrames, writeFrame } from './frames.ts';

const LIMITS = { headerBytes: 1_000, bodyBytes: 1_000 };

function listener() {
  const stream = new PassThrough();
  const got: { readonly header: unknown; readonly body: string }[] = [];
  const broken: string[] = [];
  const onFrame = ({ header, body }: { readonly header: unknown; readonly body: Buffer }) => void got.push({ header, body: body.toString() });
  readFrames(stream, LIMITS, onFrame, (reason) => broken.push(reason));
  return { stream, got, broken };
}

/** The bytes of messages as they go over the pipe. */
function bytesOf(messages: readonly { readonly header: unknown; readonly body: string }[]): Buffer {
  const pieces: Buffer[] = [];
  const stream = new PassThrough();
  stream.on('data', (piece: Buffer) => pieces.push(piece));
  for (const { header, body } of messages) writeFrame(stream, header, body === '' ? [] : [Buffer.from(body)]);
  stream.read();
  return Buffer.concat(pieces);
}

const message = fc.record({ header: fc.dictionary(fc.string(), fc.integer()), body: fc.string() });

describe('frames', () => {
  it('arrive as they were sent, wherever the pipe cuts them', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (messages, cuts) => {
        const { stream, got, broken } = listener();
        const bytes = bytesOf(messages);
        for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
          const length = cuts[turn % cuts.length] ?? 1;
          stream.emit('data', bytes.subarray(at, at + length));
          at += length;
        }
        expect(got).toEqual(messages.map(({ header, body }) => ({ header: JSON.parse(JSON.stringify(header)) as unknown, body })));
        expect(broken).toEqual([]);
      }),
    );
  });

  it('that announce more than is taken are not waited for, nor is anything after them', () => {
    const { stream, got, broken } = listener();
    const prefix = Buffer.alloc(8);
    prefix.writeUInt32LE(1_001, 0);
    stream.emit('data', prefix);
    stream.emit('data', bytesOf([{ header: {}, body: '' }]));
    expect(got).toEqual([]);
    expect(broken).toEqual(['a message is longer than allowed']);
  });

  it('whose header is no JSON end the talk', () => {
    const { stream, broken } = listener();
    const prefix = Buffer.alloc(8);
    prefix.writeUInt32LE(3, 0);
    stream.emit('data', Buffer.concat([prefix, Buffer.from('{x}')]));
    expect(broken).toEqual(['a message is no JSON']);
  });
});
