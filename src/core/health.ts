/**
 * How a server is, dependency by dependency. A check that is vital decides whether it can serve at all; every other one
 * only says that something is amiss.
 */

/** `degraded`: it works, and somebody should look. */
export type CheckStatus = 'ok' | 'degraded' | 'unavailable';

export interface CheckResult {
  readonly status: CheckStatus;
  /** In words, for whoever operates the installation; names no user and no secret. Empty when there is nothing to say. */
  readonly detail: string;
  /** Figures behind it, by name with their unit. */
  readonly figures?: Readonly<Record<string, number | string | null>>;
}

export interface HealthCheck {
  readonly name: string;
  /** Whether nothing can be served without it. */
  readonly isVital: boolean;
  /** May fail or take long: whoever asks waits for a bounded time only. */
  look(): Promise<CheckResult>;
}

export interface HealthReport {
  readonly status: CheckStatus;
  readonly checks: readonly (CheckResult & { readonly name: string; readonly isVital: boolean; readonly tookMs: number })[];
}
