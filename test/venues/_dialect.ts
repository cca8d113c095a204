/** What a venue's dialect is to the server that carries it: pure translation between the wire and the world. */
import type { Subject } from './_faults.ts';
import type { WorldEvent } from './_world.ts';

export interface WireRequest {
  readonly method: string;
  readonly path: string;
  /** Raw, without the question mark. */
  readonly query: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface WireAnswer {
  readonly status: number;
  /** Text goes out as a page, anything else as JSON. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The venue's own code when it refuses. */
  readonly code?: string;
}

/** What goes wrong without the venue's logic; each dialect has its own words for it. */
export type Trouble = {
  readonly kind: 'status' | 'rateLimited' | 'banned' | 'maintenance' | 'stateUnknown' | 'notFound';
  readonly status?: number;
  readonly retryAfter?: number;
};

/** One frame to a client; `subject` is what stream faults are matched against. */
export interface Frame {
  readonly subject: Subject;
  /** Bytes go out as a binary frame. */
  readonly text: string | Uint8Array;
}

/** A client's stream connection as the dialect sees it. */
export interface StreamClient {
  /** Pushes through the stream faults. */
  push(frame: Frame): void;
  /** Answers the client's own message, past all faults but silence; a text goes out as it is. */
  answer(message: unknown): void;
}

export interface StreamSession {
  /** How many things the client is subscribed to. */
  readonly subscriptions: number;
  onMessage(text: string): void;
  onEvent(event: WorldEvent): void;
  /** The connection is gone. */
  onClose?(): void;
}

export interface Dialect {
  /** What a request is about, before anything is checked. */
  describe(request: WireRequest): Subject;
  /** The checks on arrival (limits, keys, signature, time); `null` lets it pass. */
  admit(request: WireRequest): WireAnswer | null;
  /** Acts on an admitted request; checks again what may have changed while it waited. */
  handle(request: WireRequest): WireAnswer;
  trouble(trouble: Trouble): WireAnswer;
  /** `null` where no stream is served. */
  stream(path: string, query: string, client: StreamClient): { readonly kind: 'public' | 'private'; readonly session: StreamSession } | null;
}
