/** What the system's codes mean, for people, with what to do where the code tells that. */
const reasons: Readonly<Record<string, string>> = {
  EACCES: "this user may not do that: check who owns it and its permissions",
  EPERM: "this user may not do that: check who owns it and its permissions",
  EROFS: "it is on a disk that can only be read: mount it for writing, or choose another folder",
  ENOENT: "it does not exist",
  EEXIST: "something else stands in its place: move that away, or choose another name",
  ENOTDIR: "a part of its path is a file, not a folder",
  EISDIR: "it is a folder, not a file",
  ENOSPC: "the disk is full: free space on it; what was done is kept, and goes on then",
  EDQUOT:
    "this user may store no more on that disk: free space; what was done is kept, and goes on then",
  EMFILE: "too many files are open: raise the limit (ulimit -n)",
  SQLITE_FULL:
    "the disk with the state is full: free space on it; what was done is kept, and goes on then",
  SQLITE_BUSY: "another program keeps the state locked: try again when it is done",
  SQLITE_CORRUPT: "the state file is damaged: restore a backup, or move it away to begin anew",
  SQLITE_NOTADB: "the state file is not Syncline's: move it away, or give another --data folder",
  SQLITE_READONLY:
    "the state can't be written: check who owns the data folder and its files, and that their disk is mounted for writing",
  SQLITE_CANTOPEN:
    "the state can't be opened: check who owns the data folder and its files, and that their disk is mounted for writing",
};

/** Null for what the system did not cause, or of which nothing more is known than its own words. */
export function systemReason(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const code = "code" in error ? String(error.code) : "";
  const known = reasons[code] ?? reasons[code.replace(/^(SQLITE_[A-Z]+)_.*/, "$1")];
  return known ?? systemReason(error.cause);
}

/** In words whatever it is. */
export const reasonOf = (error: unknown): string =>
  systemReason(error) ?? (error instanceof Error ? error.message : String(error));
