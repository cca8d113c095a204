/** Former settings of a bot, to go back to. */
import type { ActionRules } from '#core/actions/action-state.ts';
import { AppError } from '#core/errors.ts';
import type { BotStore } from '#core/store/bots.ts';
import { splitConfig } from './bot-rules.ts';

/** Settings and rules of one version. Throws AppError `validation_failed` naming `config_version` when there is none of that number. */
export async function settingsOfVersion(
  bots: Pick<BotStore, 'config'>,
  userId: string,
  id: string,
  version: number,
): Promise<{ readonly config: unknown; readonly actions: ActionRules | null }> {
  const former = await bots.config(userId, id, version);
  if (former === null) {
    const message = `${version} is no version of this bot's settings; GET /bots/${id}/versions lists them`;
    throw new AppError('validation_failed', `config_version ${message}`, [{ field: 'config_version', message }]);
  }
  const { settings, rules } = splitConfig(former.config);
  return { config: settings, actions: rules };
}
