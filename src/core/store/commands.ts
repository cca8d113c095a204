/** What users tell their running bots to do, kept until a run has taken it: once, whatever fails in between. */

export interface StoredCommand {
  readonly commandId: string;
  readonly botId: string;
  readonly name: string;
  /** As its strategy's declaration has checked it. */
  readonly params: Readonly<Record<string, unknown>>;
}

/** Commands that may wait for one bot at once. */
export const MAX_WAITING_COMMANDS = 50;

export interface CommandStore {
  /**
   * Keeps a command for the present run of a user's bot; `false` when it has never run, or {@link MAX_WAITING_COMMANDS} wait already. What is
   * nobody's deed (`isDeed` false) stands on the tape alone, not among what the user has done. PortError `store_conflict` for an id that was used.
   */
  request(command: StoredCommand & { readonly userId: string; readonly at: number; readonly isDeed?: boolean }): Promise<boolean>;
  /** Commands no run has taken yet, oldest first, of bots' present runs. A commit whose journal holds one takes it. Not reachable by users. */
  due(): Promise<readonly StoredCommand[]>;
}
