/** What users who are connected want to see of the signals, kept up to date in place for as long as one of their sockets follows. */
import { CHOICES_CHANGED, type SignalViews } from '#app/signal-views/signal-views.ts';
import { AppError } from '#core/errors.ts';
import type { Bus } from '#core/ports.ts';
import type { SignalChoices } from '#core/signals/choices.ts';
import { MAX_SOCKETS } from './socket-room.ts';

/** One for each user, and no more users than sockets. */
export const MAX_BOOKS = MAX_SOCKETS;

/** The choices of a user as they are now; changed in place. */
export interface Chosen {
  choices: SignalChoices;
  hidden: ReadonlySet<string>;
}

interface Book extends Chosen {
  /** Sockets that follow by it. */
  followers: number;
}

export class ChoicesBook {
  readonly #views: Pick<SignalViews, 'choices' | 'hidden'>;
  readonly #books = new Map<string, Book>();
  readonly #unsubscribe: () => void;

  constructor(views: Pick<SignalViews, 'choices' | 'hidden'>, bus: Pick<Bus, 'subscribe'>) {
    this.#views = views;
    const renew = (userId: string): void => void this.of(userId).catch(() => undefined);
    this.#unsubscribe = bus.subscribe(
      CHOICES_CHANGED,
      ({ userId }) => (this.#books.has(String(userId)) ? renew(String(userId)) : undefined),
      () => this.#books.forEach((_book, userId) => void renew(userId)),
    );
  }

  get size(): number {
    return this.#books.size;
  }

  /** Read now, and kept up to date while it is {@link followed}. Throws AppError `rate_limited` at {@link MAX_BOOKS} users who all follow. */
  async of(userId: string): Promise<Chosen> {
    const [choices, hidden] = await Promise.all([this.#views.choices(userId), this.#views.hidden(userId)]);
    const known = this.#books.get(userId);
    if (known !== undefined) return Object.assign(known, { choices, hidden: new Set(hidden) });
    this.#makeRoom();
    const book: Book = { choices, hidden: new Set(hidden), followers: 0 };
    this.#books.set(userId, book);
    return book;
  }

  /** A socket of the user follows by his book until the returned function is called: meanwhile it makes room for nobody. */
  followed(userId: string): () => void {
    const book = this.#books.get(userId);
    if (book === undefined) return () => undefined;
    book.followers += 1;
    return () => {
      book.followers -= 1;
    };
  }

  close(): void {
    this.#unsubscribe();
  }

  /** Books by which nobody follows any more go, the oldest first. */
  #makeRoom(): void {
    if (this.#books.size < MAX_BOOKS) return;
    for (const [userId, { followers }] of this.#books) if (followers === 0) return void this.#books.delete(userId);
    throw new AppError('rate_limited', `${MAX_BOOKS} users follow the signals here, and no more can; try again later.`);
  }
}
