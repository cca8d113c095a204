/**
 * A stream of changes that can be followed: everything in it in its newest form, and the last changes in their sequence, so that
 * whoever was away for a moment goes on where it was. Sequences count within one epoch; another epoch is another stream.
 */

/** Plain data that survives JSON. */
export type Plain = Readonly<Record<string, unknown>>;

export interface Change {
  /** From 1, without holes. */
  readonly seq: number;
  readonly topic: string;
  readonly key: string;
  /** Names topic and key together. */
  readonly name: string;
  /** The thing as it is now; `null` when it is gone. */
  readonly data: Plain | null;
  /** The only user it is told to; `null` for all. */
  readonly userId: string | null;
  /** Whether it is told a last time, and is not among what is there any more. */
  readonly isLast: boolean;
  /** The message that tells it, encoded once for everybody. */
  readonly frame: Uint8Array;
}

const encoder = new TextEncoder();

/** A message as it goes over a socket. */
export function frameOf(message: Plain): Uint8Array {
  return encoder.encode(JSON.stringify(message));
}

export class Stream {
  readonly epoch: string;
  readonly #ring: (Change | undefined)[];
  readonly #present = new Map<string, { readonly change: Change; readonly text: string }>();
  #head = 0;

  /** `remembered` is how many of the last changes can be asked for again. */
  constructor(epoch: string, remembered: number) {
    this.epoch = epoch;
    this.#ring = new Array<Change | undefined>(remembered);
  }

  /** Sequence of the newest change; 0 before the first. */
  get head(): number {
    return this.#head;
  }

  /** Everything there is, in the sequence of its newest changes. */
  *present(): Iterable<Change> {
    for (const { change } of this.#present.values()) yield change;
  }

  /** The thing as it is now; `null` when nothing of it has changed. */
  put(topic: string, key: string, data: Plain, userId: string | null = null): Change | null {
    const text = JSON.stringify(data);
    const name = nameOf(topic, key);
    if (this.#present.get(name)?.text === text) return null;
    const change = this.#add(topic, key, data, text, userId, false);
    this.#present.delete(name);
    this.#present.set(name, { change, text });
    return change;
  }

  /** Something that happened, or a thing in its last form: told, and not among what is there. */
  tell(topic: string, key: string, data: Plain | null, userId: string | null = null): Change {
    this.#present.delete(nameOf(topic, key));
    return this.#add(topic, key, data, JSON.stringify(data), userId, true);
  }

  /** A thing that is gone; `null` when it was not there. */
  remove(topic: string, key: string): Change | null {
    const name = nameOf(topic, key);
    const before = this.#present.get(name);
    return this.#present.delete(name) ? this.#add(topic, key, null, 'null', before?.change.userId ?? null, true) : null;
  }

  /** A thing that is to be counted no more among what is there, of which there is nothing to tell. */
  forget(topic: string, key: string): void {
    this.#present.delete(nameOf(topic, key));
  }

  /** The changes after a sequence, oldest first; `null` when some of them are not remembered, or the sequence is none of this stream. */
  since(seq: number): readonly Change[] | null {
    if (seq > this.#head || seq < this.#head - this.#ring.length) return null;
    const changes: Change[] = [];
    for (let next = seq + 1; next <= this.#head; next += 1) {
      const change = this.#ring[next % this.#ring.length];
      if (change === undefined || change.seq !== next) return null;
      changes.push(change);
    }
    return changes;
  }

  #add(topic: string, key: string, data: Plain | null, text: string, userId: string | null, isLast: boolean): Change {
    this.#head += 1;
    const frame = encoder.encode(`{"type":"change","topic":${JSON.stringify(topic)},"key":${JSON.stringify(key)},"seq":${this.#head},"data":${text}}`);
    const change: Change = { seq: this.#head, topic, key, name: nameOf(topic, key), data, userId, isLast, frame };
    this.#ring[this.#head % this.#ring.length] = change;
    return change;
  }
}

function nameOf(topic: string, key: string): string {
  return `${topic} ${key}`;
}
