import { type Failure, ProviderError } from "../../src/core/error.ts";

/** What an error of the operating system means to a caller (Linux man-pages, errno(3)). */
const failures: Readonly<Record<string, Failure>> = {
  ENOENT: "not-found",
  ENOTDIR: "not-found",
  EACCES: "forbidden",
  EPERM: "forbidden",
  EROFS: "forbidden",
  // A symlink where O_NOFOLLOW allows none.
  ELOOP: "forbidden",
  // A file can't be moved to another file system without moving its bytes.
  EXDEV: "forbidden",
  ENOSPC: "out-of-space",
  EDQUOT: "out-of-space",
  EFBIG: "too-large",
  ENAMETOOLONG: "name-refused",
  EILSEQ: "name-refused",
  EIO: "unavailable",
  EAGAIN: "unavailable",
  EBUSY: "unavailable",
  EMFILE: "unavailable",
  ENFILE: "unavailable",
  ESTALE: "unavailable",
  ETIMEDOUT: "unavailable",
  EHOSTDOWN: "unavailable",
};

/** What a person can do about it; the system's own words follow. */
const reasons: Readonly<Record<string, string>> = {
  EACCES: "this user may not do that: check who owns it and its permissions",
  EPERM: "this user may not do that: check who owns it and its permissions",
  EROFS: "the disk can only be read: mount it for writing",
  ENOSPC: "the disk is full: free some space",
  EDQUOT: "this user's share of the disk is full: free some space",
  EIO: "the disk failed: check it",
  EMFILE: "too many files are open: raise the limit (ulimit -n)",
  ENAMETOOLONG: "the name is too long for this disk",
};

/** Runs one operation; errors of the operating system leave it as `ProviderError`, others as they are. */
export async function translated<T>(operation: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translate(operation, error);
  }
}

/** The error in the words of the contract. */
export function translate(operation: string, error: unknown): unknown {
  if (!isSystemError(error)) return error;
  const failure = failures[error.code] ?? "unexpected";
  const reason = reasons[error.code];
  const words = reason === undefined ? error.message : `${reason} (${error.message})`;
  return new ProviderError(failure, `local: ${operation}: ${words}`, { cause: error });
}

/** Whether the operating system refused with one of these codes. */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return isSystemError(error) && codes.includes(error.code);
}

interface SystemError extends Error {
  readonly code: string;
}

function isSystemError(error: unknown): error is SystemError {
  return (
    error instanceof Error &&
    "syscall" in error &&
    "code" in error &&
    typeof error.code === "string"
  );
}
