/** Names: which ones a service can hold, which it takes for equal, and what stands in for the others. */

/** What a service does with names; pure data, so that any two services can be compared. */
export interface NameRules {
  /** Whether `a` and `A` can live side by side. */
  readonly caseSensitive: boolean;
  /** `distinct`: NFC and NFD forms of a name are two names. `nfc`: both are one, stored as NFC. */
  readonly unicode: "distinct" | "nfc";
  /** Whether one folder can hold two items of one name. */
  readonly duplicates: boolean;
  readonly maxLength: { readonly unit: "bytes" | "utf16"; readonly limit: number } | null;
  /** Single characters that no name may hold. */
  readonly forbidden: readonly string[];
  /** Whether names may begin or end with a blank; `.` and `..` are refused where `forbidden` has `/`. */
  readonly blankEdges: { readonly leading: boolean; readonly trailing: boolean };
  /** Lower-case names, or patterns with one `*`, that the service refuses or ignores. */
  readonly reserved: readonly string[];
}

/** One form for all names that some service could take for equal: NFC, lower case. Not for display. */
export function foldName(name: string): string {
  return name.normalize("NFC").toLowerCase().normalize("NFC");
}

/** Whether a folder under these rules would take the two names for one. */
export function sameName(a: string, b: string, rules: NameRules): boolean {
  return nameKey(a, rules) === nameKey(b, rules);
}

/** Equal exactly for names that a folder under these rules takes for one. */
export function nameKey(name: string, rules: NameRules): string {
  if (!rules.caseSensitive) return foldName(name);
  return rules.unicode === "nfc" ? name.normalize("NFC") : name;
}
