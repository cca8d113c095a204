/** What a store lets go of in the course of time, types only. Orders, fills and the audit log are never among it. */
export interface Upkeep {
  /** Removes refresh tokens that ran out before `before`, at most `limit`; how many it were. */
  forgetSessions(before: number, limit: number): Promise<number>;
}
