/** Counts requests in windows of time, for all processes of an installation where they share a counter. Types only. */
export interface RequestCounter {
  /** Counts one more of `key`: how many it are in the present window, this included, and how long the window lasts yet. Never fails. */
  count(key: string, windowMs: number): Promise<{ readonly used: number; readonly resetMs: number }>;
  close(): Promise<void>;
}
