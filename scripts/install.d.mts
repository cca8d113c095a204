/** Types of the installer, which is plain JavaScript for the sake of Node 20. */
export interface LockedPackage {
  readonly version: string;
}
export type PackageTable = Readonly<Record<string, LockedPackage | undefined>>;

export function firstMissing(
  locked: PackageTable,
  installed: PackageTable,
  options: { readonly withDevelopment: boolean; readonly platform: string; readonly architecture: string },
): string | null;

export function explainFailure(output: string): string;
