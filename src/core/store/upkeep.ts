/**
 * What a store lets go of in the course of time, types only. Orders, fills, positions and the audit log are never among it.
 * Each method removes at most `limit` rows and tells how many it were: fewer than `limit` means that nothing old is left.
 */
export interface Upkeep {
  /** Refresh tokens that ran out before then. */
  forgetSessions(before: number, limit: number): Promise<number>;
  /** Lines of the tapes of runs that ended before then; a run that goes on keeps its tape whole. */
  forgetTapes(before: number, limit: number): Promise<number>;
  /** Points of equity from before then. */
  forgetEquity(before: number, limit: number): Promise<number>;
  /** Facts that were told before then; one that was not told stays. */
  forgetFacts(before: number, limit: number): Promise<number>;
  /** Notices of what happened before then, with what was under way of them. */
  forgetNotices(before: number, limit: number): Promise<number>;
  /** What users told bots to do and was taken before then. */
  forgetCommands(before: number, limit: number): Promise<number>;
  /** Signals that closed before then, with their course and outcomes. */
  forgetSignals(before: number, limit: number): Promise<number>;
  /** Points of the course of signals that are open, from before then. */
  forgetSignalPoints(before: number, limit: number): Promise<number>;
  /** That signals were removed before then: none of them is told any more. */
  forgetRemovedSignals(before: number, limit: number): Promise<number>;
  /** Who was told before then of signals that are not open. */
  forgetToldSignals(before: number, limit: number): Promise<number>;
  /** How many signals each user was told of in hours that began before then. */
  forgetSignalHours(before: number, limit: number): Promise<number>;
  /** Posts that came before then, with what was read in them. */
  forgetPosts(before: number, limit: number): Promise<number>;
}
