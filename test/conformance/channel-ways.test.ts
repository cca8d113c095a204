/** Both ways in for posts of channels: the bot of the installation, and the account of its owner. */
import { CHANNEL } from '#test/posts/post-rig.ts';
import { UserRig } from '#test/posts/user-rig.ts';
import { made } from '#test/telegram/mtproto/wire.ts';
import { conformsAsChannelWay, type SaidPost } from './channel-ways.ts';

conformsAsChannelWay('the bot', async (rig) => {
  await rig.listen();
  const say = ({ id, text, date, editDate, isCaption = false, replyTo, marks = [] }: SaidPost): Promise<void> => {
    const entities = marks.map(({ kind, offset, length }) => ({ type: kind, offset, length }));
    return rig.channelSays(id, text, {
      date,
      ...(isCaption ? { text: undefined, caption: text, caption_entities: entities } : { entities }),
      ...(editDate === undefined ? {} : { edit_date: editDate }),
      ...(replyTo === undefined ? {} : { reply_to_message: { message_id: replyTo } }),
    });
  };
  return {
    listen: async (botIds) => {
      const { code } = await rig.source('telegram_channel', botIds);
      await rig.channelSays(1, `argosy ${code}`);
    },
    say,
    repeat: say,
    close: async () => undefined,
  };
});

const ENTITIES = { bold: 'messageEntityBold', strikethrough: 'messageEntityStrike' } as const;

conformsAsChannelWay('the account of the owner', async (rig) => {
  const reader = await UserRig.open(rig);
  await reader.logIn();
  await reader.start();
  const channel = reader.telegram.channel(-CHANNEL - 1_000_000_000_000, 'calls');
  let count = 0;
  const passedOn = (): Promise<void> => reader.passedOn((count += 1));
  return {
    listen: async (botIds) => {
      await reader.reads(channel, botIds);
    },
    say: async ({ id, text, date, editDate, isCaption = false, replyTo, marks = [] }) => {
      reader.telegram.say(channel, id, text, {
        date,
        entities: marks.map(({ kind, offset, length }) => made(ENTITIES[kind], { offset, length })),
        ...(isCaption ? { media: { _: 'messageMediaPhoto' } } : {}),
        ...(editDate === undefined ? {} : { editDate }),
        ...(replyTo === undefined ? {} : { replyTo: { _: 'messageReplyHeader', replyToMsgId: replyTo } }),
      });
      await passedOn();
    },
    // The place is gone back to, as if it had not been noted.
    repeat: async () => {
      await rig.fleet.database.query('update channel_readings set pts = 10, last_message_id = 0');
      await passedOn();
    },
    close: () => reader.close(),
  };
});
