import { invalidRequest } from "./errors.ts";

const forbiddenCharacters = /["*:<>?/\\|\p{Cc}]/u;
const reserved = /^(?:\.lock|con|prn|aux|nul|com\d|lpt\d|desktop\.ini)$/i;
const maxNameLength = 255;
const maxPathLength = 400;

/** Where a name is to stand. */
export interface NamePlace {
  readonly isFolder: boolean;
  /** Directly under the root of a document library. */
  readonly libraryRoot: boolean;
  /** The folders above. */
  readonly above: readonly string[];
}

/**
 * Refuses what can't be a name (Microsoft support: "Restrictions and limitations in OneDrive and SharePoint").
 * @throws GraphError 400
 */
export function checkName(name: string, { isFolder, libraryRoot, above }: NamePlace): void {
  const complaint = complaintOf(name, isFolder, libraryRoot);
  if (complaint !== null)
    throw invalidRequest(`The provided name ${complaint}: ${name}`, "invalidPath");
  if (name.length > maxNameLength || [...above, name].join("/").length > maxPathLength) {
    throw invalidRequest("The specified path is too long.", "pathIsTooLong");
  }
}

function complaintOf(name: string, isFolder: boolean, libraryRoot: boolean): string | null {
  if (name === "" || name === "." || name === "..") return "is empty";
  if (forbiddenCharacters.test(name)) return "has a character that is not allowed";
  if (name !== name.trim()) return "begins or ends with a space";
  if (name.endsWith(".")) return "ends with a period";
  if (reserved.test(name) || (libraryRoot && /^forms$/i.test(name))) return "is reserved";
  if (/_vti_/i.test(name) || name.startsWith("~$")) return "is reserved";
  return isFolder && libraryRoot && name.startsWith("~") ? "is reserved" : null;
}

/** `name 1.ext` or a later number: the first that is free, as `conflictBehavior` rename makes it. */
export function freeName(name: string, isTaken: (name: string) => boolean): string {
  const dot = name.lastIndexOf(".");
  const [stem, end] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  for (let count = 1; ; count += 1) {
    const candidate = `${stem} ${count}${end}`;
    if (!isTaken(candidate)) return candidate;
  }
}
