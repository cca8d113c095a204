/** A stretch of time, in milliseconds since 1970. */
/** From `from` (inclusive) to `to` (exclusive). */
export interface Span {
  readonly from: number;
  readonly to: number;
}
