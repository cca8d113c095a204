/** What the application does, as nested spans, for whoever wants to see where the time of one request or step goes. */

export type SpanName = 'http.request' | 'run.step' | 'intent.commit' | 'venue.request';
/** Names and ids; never keys, tokens, amounts or what people typed. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** A span that has begun and is ended by whoever began it. */
export interface OpenSpan {
  /** Calls `work`, and everything that follows from it belongs to this span. */
  within(work: () => void): void;
  end(attributes: SpanAttributes, isFailed: boolean): void;
}

export interface Tracing {
  /** The work as a span, inside the span under way where there is one; passes result and failure on. */
  span<Result>(name: SpanName, attributes: SpanAttributes, work: () => Promise<Result>): Promise<Result>;
  begin(name: SpanName, attributes: SpanAttributes): OpenSpan;
}

const UNSEEN: OpenSpan = { within: (work) => work(), end: () => undefined };

/** Traces nothing. */
export const NO_TRACING: Tracing = { span: (_name, _attributes, work) => work(), begin: () => UNSEEN };
