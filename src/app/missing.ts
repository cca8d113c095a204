/** The one answer to an id that is missing or somebody else's, in always the same words, so that nobody learns which it is. */
import { AppError } from '#core/errors.ts';

export const NOT_FOUND = 'There is nothing at this address, or it is not yours.';

/** Throws AppError `not_found`. */
export function missing(): never {
  throw new AppError('not_found', NOT_FOUND);
}
