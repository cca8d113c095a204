/** `argosy user add`: a new account for somebody; the first one ever is the owner's. */
import { createHash } from 'node:crypto';
import { DEFAULT_THROTTLE, LoginThrottle } from '#app/people/login-throttle.ts';
import { Users } from '#app/people/users.ts';
import { AppError } from '#core/errors.ts';
import { type CliCommand, speaker } from './command.ts';

export const userAdd: CliCommand = {
  usage: 'user-add <email>',
  summary: { en: 'make an account for somebody; the first is the owner’s', ru: 'завести учётную запись; первая - владелец' },
  run: async (operator, [email]) => {
    const say = speaker(operator);
    const password = await operator.terminal.askSecret(say('Password: ', 'Пароль: '));
    if (password === null)
      throw new AppError(
        'validation_failed',
        say('A password is needed: run this at a terminal, or pipe the password in.', 'Нужен пароль: запустите в терминале или передайте пароль через канал.'),
      );
    if (operator.terminal.isInteractive && (await operator.terminal.askSecret(say('Once more: ', 'Ещё раз: '))) !== password)
      throw new AppError('validation_failed', say('The two differ.', 'Они различаются.'));
    const user = await operator.database.use((store) =>
      new Users({
        ...operator,
        store,
        throttle: new LoginThrottle(operator.clock, DEFAULT_THROTTLE),
        // Whoever has the files of the installation may let anybody in.
        registration: 'open',
        digest: (token) => createHash('sha256').update(token).digest('base64url'),
        // Nobody logs in from here.
        deviceDigest: () => '',
      }).register({ email: String(email), password, address: 'command line', isLocal: true, invitedBy: null }),
    );
    operator.terminal.print(
      user.role === 'owner'
        ? say(`${user.email} is the owner of this installation.`, `${user.email} - владелец этой установки.`)
        : say(`${user.email} may log in.`, `${user.email} может войти.`),
    );
    return 0;
  },
};
