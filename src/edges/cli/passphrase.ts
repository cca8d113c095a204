/** The passphrase of a backup: from the configuration, or asked for. */
import { AppError } from '#core/errors.ts';
import { speaker } from './command.ts';
import type { Operator } from './operator.ts';

/** Shorter ones can be guessed by machines. */
export const MIN_PASSPHRASE_LENGTH = 12;

/** `isNew` asks twice and refuses a short one. Throws AppError `validation_failed`. */
export async function passphraseFor(operator: Operator, isNew: boolean): Promise<string> {
  const say = speaker(operator);
  const { passphrase } = operator.database;
  if (passphrase !== null) return passphrase;
  const given = await operator.terminal.askSecret(say('Passphrase of the backup: ', 'Парольная фраза резервной копии: '));
  if (given === null)
    throw new AppError(
      'validation_failed',
      say(
        'A passphrase is needed: set ARGOSY_BACKUP_PASSPHRASE or ARGOSY_BACKUP_PASSPHRASE_FILE.',
        'Нужна парольная фраза: задайте ARGOSY_BACKUP_PASSPHRASE или ARGOSY_BACKUP_PASSPHRASE_FILE.',
      ),
    );
  if (!isNew) return given;
  if (given.length < MIN_PASSPHRASE_LENGTH)
    throw new AppError('validation_failed', say(`It needs at least ${MIN_PASSPHRASE_LENGTH} characters.`, `Нужно не меньше ${MIN_PASSPHRASE_LENGTH} знаков.`));
  if ((await operator.terminal.askSecret(say('Once more: ', 'Ещё раз: '))) !== given)
    throw new AppError('validation_failed', say('The two differ.', 'Они различаются.'));
  return given;
}
