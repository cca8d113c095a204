/**
 * Texts longer than one notification may be, in pieces. PostgreSQL refuses a payload of 8000 bytes or more, and drops one
 * that equals another of the same transaction; so each piece carries a number that no other has.
 */
import { randomUUID } from 'node:crypto';

/** Of the text in one piece; with the head in front it stays below the limit. */
const PIECE_BYTES = 5_800;
/** Texts of which some pieces are missing yet; the oldest is given up for one more. */
const MAX_OPEN = 100;

/** `sender number place count text`, the text in base64, because a cut must not fall into a character. */
export function piecesOf(text: string): readonly string[] {
  const bytes = Buffer.from(text, 'utf8');
  const count = Math.max(1, Math.ceil(bytes.length / PIECE_BYTES));
  const id = randomUUID();
  return Array.from(
    { length: count },
    (_, place) => `${id} ${place} ${count} ${bytes.subarray(place * PIECE_BYTES, (place + 1) * PIECE_BYTES).toString('base64')}`,
  );
}

/** Puts pieces together again. */
export class Pieces {
  readonly #open = new Map<string, Buffer[]>();

  /** The whole text with its last piece, `null` before that and for what is no piece of ours. Pieces of one text come in order. */
  take(piece: string): string | null {
    const [id, place, count, text] = piece.split(' ');
    if (id === undefined || text === undefined) return null;
    const bytes = Buffer.from(text, 'base64');
    if (count === '1') return bytes.toString('utf8');
    const gathered = this.#open.get(id) ?? [];
    // Its beginning was said before this connection listened.
    if (Number(place) !== gathered.length) {
      this.#open.delete(id);
      return null;
    }
    gathered.push(bytes);
    if (gathered.length === Number(count)) {
      this.#open.delete(id);
      return Buffer.concat(gathered).toString('utf8');
    }
    this.#open.set(id, gathered);
    const [oldest] = this.#open.keys();
    if (this.#open.size > MAX_OPEN && oldest !== undefined) this.#open.delete(oldest);
    return null;
  }
}
