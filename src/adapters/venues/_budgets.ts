/** The request budgets of a venue: one of the address, and where the venue counts by account one for each of its endpoints. */
import type { VenueOptions } from '#core/venue-ports.ts';
import { Budget } from './_budget.ts';
import type { CcxtDialect } from './_dialect.ts';

export class Budgets {
  readonly address: Budget;
  readonly #options: VenueOptions;
  readonly #dialect: CcxtDialect;
  readonly #accounts = new Map<string, Budget>();

  /** `name` is under which processes share the budget of the address. */
  constructor(dialect: CcxtDialect, options: VenueOptions, name: string) {
    this.#dialect = dialect;
    this.#options = options;
    // Another address of the venue, such as a simulator's, has a budget of its own.
    const named = options.url === null ? name : `${name} at ${options.url}`;
    this.address = new Budget(options.clock, dialect.budget, options.budgets === undefined ? null : { budgets: options.budgets, name: named });
  }

  /** Those of accounts that have been asked for. */
  get accounts(): readonly Budget[] {
    return [...this.#accounts.values()];
  }

  /** One for all sessions of an account, for each endpoint: venues that count by account count these apart. */
  of(accountId: string): ((endpoint: string) => Budget) | null {
    const { accountBudget: limits } = this.#dialect;
    if (limits === undefined) return null;
    return (endpoint) => {
      const name = `${accountId} ${endpoint}`;
      const budget = this.#accounts.get(name) ?? new Budget(this.#options.clock, limits);
      this.#accounts.set(name, budget);
      return budget;
    };
  }

  close(): void {
    for (const each of [this.address, ...this.#accounts.values()]) each.close();
  }
}
