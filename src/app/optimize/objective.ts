/** The contract of an objective: one file that says what of a run is to be as large as possible. */
import type { Text } from '#core/params.ts';
import type { TrialFigures } from './trial-figures.ts';

export interface Objective {
  /** Its name on the wire. */
  readonly name: string;
  readonly title: Text;
  readonly summary: Text;
  /** Whether it looks at closed trades, which take longer to work out. */
  readonly needsTrades: boolean;
  /** The more the better; `null` where too little is known. */
  value(figures: TrialFigures): number | null;
}
