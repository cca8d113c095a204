/** What can be broken, and how a break is told. The numbers are explained in README.md beside this file. */

export type InvariantId = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8' | 'I9' | 'I10' | 'I11' | 'I12' | 'I14' | 'I15' | 'defect';

export interface Violation {
  readonly id: InvariantId;
  readonly text: string;
}
