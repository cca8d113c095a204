/**
 * Messages over a pipe: the lengths of two parts, then the parts, a header in JSON and raw bytes. Whoever announces more
 * than the reader takes is not listened to any further.
 */
import type { Readable, Writable } from 'node:stream';

const PREFIX_BYTES = 8;

export interface Frame {
  readonly header: unknown;
  readonly body: Buffer;
}

export function writeFrame(stream: Writable, header: unknown, bodies: readonly Uint8Array[] = []): void {
  const text = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32LE(text.length, 0);
  prefix.writeUInt32LE(
    bodies.reduce((sum, body) => sum + body.byteLength, 0),
    4,
  );
  stream.write(bodies.length === 0 ? Buffer.concat([prefix, text]) : prefix);
  if (bodies.length === 0) return;
  stream.write(text);
  for (const body of bodies) stream.write(body);
}

/** Reads messages until the stream ends; `onBroken` is called once when one is too long or no JSON. */
export function readFrames(
  stream: Readable,
  limits: { readonly headerBytes: number; readonly bodyBytes: number },
  onFrame: (frame: Frame) => void,
  onBroken: (reason: string) => void,
): void {
  let pieces: Buffer[] = [];
  let held = 0;
  let needed = PREFIX_BYTES;
  let lengths: readonly [number, number] | null = null;
  const take = (): Buffer => {
    const whole = pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces, held);
    const part = whole.subarray(0, needed);
    pieces = held > needed ? [whole.subarray(needed)] : [];
    held -= needed;
    return part;
  };
  const stop = (reason: string): void => {
    stream.off('data', onData);
    stream.resume();
    onBroken(reason);
  };
  const onData = (piece: Buffer): void => {
    pieces.push(piece);
    held += piece.length;
    while (held >= needed) {
      if (lengths === null) {
        const prefix = take();
        lengths = [prefix.readUInt32LE(0), prefix.readUInt32LE(4)];
        if (lengths[0] > limits.headerBytes || lengths[1] > limits.bodyBytes) return stop('a message is longer than allowed');
        needed = lengths[0] + lengths[1];
      } else {
        const message = take();
        const headerLength = lengths[0];
        lengths = null;
        needed = PREFIX_BYTES;
        try {
          onFrame({ header: JSON.parse(message.toString('utf8', 0, headerLength)) as unknown, body: message.subarray(headerLength) });
        } catch (error) {
          return stop(error instanceof SyntaxError ? 'a message is no JSON' : String(error));
        }
      }
    }
  };
  stream.on('data', onData);
}
