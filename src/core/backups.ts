/** The port of the installation's own backups, types only: a directory with the newest of them. */

export interface BackupReport {
  /** Name of the file. */
  readonly file: string;
  readonly bytes: number;
  readonly rows: number;
  /** Names of the files that made room for it. */
  readonly removed: readonly string[];
}

export interface BackupShelf {
  /**
   * Writes one of what stands in the database now, reads it back to see that it is whole, and removes the oldest beyond those
   * to be kept. PortError when it cannot be written or is damaged; then nothing is removed.
   */
  add(at: number, onProgress: (share: number) => void): Promise<BackupReport>;
}
