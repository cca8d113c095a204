/** All commands under one name, with help in the language of the person at the terminal. */
import { Command, CommanderError } from 'commander';
import { backup } from './backup.ts';
import { bots } from './bots.ts';
import type { CliCommand } from './command.ts';
import { doctor } from './doctor.ts';
import { check } from './history/check.ts';
import { download } from './history/download.ts';
import { exportFile } from './history/export.ts';
import { importFile } from './history/import.ts';
import { list } from './history/list.ts';
import { remove } from './history/remove.ts';
import { jobs } from './jobs.ts';
import { exportBacktest, reportBacktest } from './laboratory/backtest-files.ts';
import { compareBacktests, listBacktests, runBacktest, showBacktest } from './laboratory/backtests.ts';
import { CHECK_COMMANDS } from './laboratory/checks.ts';
import { cancelOptimization, deployOptimization, pauseOptimization, resumeOptimization } from './laboratory/optimization-changes.ts';
import { listOptimizations, runOptimization, showOptimization } from './laboratory/optimizations.ts';
import { migrate } from './migrate.ts';
import { observe, resume } from './observe.ts';
import type { Language, Operator } from './operator.ts';
import { restore } from './restore.ts';
import { start } from './start.ts';
import { status } from './status.ts';
import { stop } from './stop.ts';
import { strategyCheck } from './strategy-check.ts';
import { telegramLogin } from './telegram/login.ts';
import { telegramLogout } from './telegram/logout.ts';
import { telegramStatus } from './telegram/status.ts';
import { userAdd } from './user-add.ts';

export const COMMANDS: readonly CliCommand[] = [status, bots, start, stop, observe, resume, doctor, jobs, backup, restore, migrate];

export const DATA_COMMANDS: readonly CliCommand[] = [download, list, check, importFile, exportFile, remove];

export const BACKTEST_COMMANDS: readonly CliCommand[] = [runBacktest, listBacktests, showBacktest, reportBacktest, compareBacktests, exportBacktest];

export const OPTIMISE_COMMANDS: readonly CliCommand[] = [
  runOptimization,
  listOptimizations,
  showOptimization,
  pauseOptimization,
  resumeOptimization,
  cancelOptimization,
  deployOptimization,
];

export const TELEGRAM_COMMANDS: readonly CliCommand[] = [telegramLogin, telegramLogout, telegramStatus];

export interface CliSurroundings {
  readonly language: Language;
  readonly version: string;
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
  /** Made when a command runs: help needs no configuration. */
  readonly operator: () => Operator;
}

/** Runs what was typed after the program's name; returns the exit code. Throws what a command throws. */
export async function runCli(args: readonly string[], surroundings: CliSurroundings): Promise<number> {
  const { language, version, print, complain } = surroundings;
  const say = (en: string, ru: string): string => (language === 'ru' ? ru : en);
  let exitCode = 0;
  const program = new Command('argosy')
    .description(say('Looks after an installation of Argosy from the machine it runs on.', 'Обслуживание установки Argosy с её машины.'))
    .version(version, '-v, --version', say('the version', 'версия'))
    .helpOption('-h, --help', say('this text', 'эта справка'))
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => print(text.trimEnd()), writeErr: (text) => complain(text.trimEnd()) });
  const add = (parent: Command, command: CliCommand, usage = command.usage): void => {
    const made = parent.command(usage).description(command.summary[language]).helpOption('-h, --help', say('this text', 'эта справка'));
    for (const { flags, help } of command.options ?? []) made.option(flags, help[language]);
    made.action(async (...given: unknown[]) => {
      // The command itself comes last, its options before it.
      const [options] = given.splice(-2);
      exitCode = await command.run(surroundings.operator(), given as (string | string[] | undefined)[], options as Record<string, unknown>);
    });
  };
  for (const command of COMMANDS) add(program, command);
  const group = (name: string, summary: string): Command =>
    program.command(name).description(summary).helpOption('-h, --help', say('this text', 'эта справка')).helpCommand(false);
  const data = group('data', say('candles of the past on the disk', 'история свечей на диске'));
  for (const command of DATA_COMMANDS) add(data, command);
  const backtest = group('backtest', say('strategies over history', 'стратегии на истории'));
  for (const command of BACKTEST_COMMANDS) add(backtest, command);
  const optimise = group('optimise', say('settings searched for over history', 'подбор настроек на истории')).alias('optimize');
  for (const command of OPTIMISE_COMMANDS) add(optimise, command);
  const check = group('check', say('how far a backtest can be believed', 'насколько можно верить бэктесту'));
  for (const command of CHECK_COMMANDS) add(check, command);
  add(group('user', say('accounts of people', 'учётные записи')), userAdd, userAdd.usage.replace('user-', ''));
  const telegram = group('telegram', say('your own account at Telegram', 'ваша учётная запись в Telegram'));
  for (const command of TELEGRAM_COMMANDS) add(telegram, command);
  const strategy = group('strategy', say('strategies of your own', 'собственные стратегии'));
  add(strategy, strategyCheck, strategyCheck.usage.replace('strategy-', ''));
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    // What commander has to say, it has said.
    if (error instanceof CommanderError) return error.exitCode;
    throw error;
  }
  return exitCode;
}
