/** The planted bugs. */
import type { Mutant } from './mutant.ts';

export const MUTANTS: readonly Mutant[] = [
  { name: 'a commit does not check the lease', rules: { holdsLease: false } },
];
