import { ProviderError } from "../../src/core/error.ts";
import { canHold, type NameRules } from "../../src/core/names.ts";

/** Names as on Linux, one of each in a folder. The default. */
export const plainNames: NameRules = {
  caseSensitive: true,
  unicode: "distinct",
  duplicates: false,
  maxLength: { unit: "bytes", limit: 255 },
  forbidden: ["/", "\0"],
  blankEdges: { leading: true, trailing: true },
  reserved: [],
};

/** Names in the manner of Google Drive: anything goes, duplicates too. */
export const driveLikeNames: NameRules = {
  ...plainNames,
  duplicates: true,
  maxLength: null,
  forbidden: [],
};

/** Names in the manner of Dropbox: case and Unicode form do not count. */
export const dropboxLikeNames: NameRules = {
  ...plainNames,
  caseSensitive: false,
  unicode: "nfc",
  forbidden: ["/", "\\", "\0"],
  blankEdges: { leading: true, trailing: false },
};

/** The name as the rules store it; `name-refused` when they don't take it. */
export function storedName(name: string, rules: NameRules): string {
  const stored = rules.unicode === "nfc" ? name.normalize("NFC") : name;
  const reason = canHold(stored, rules);
  if (reason === null) return stored;
  throw new ProviderError("name-refused", `memory: the name ${JSON.stringify(name)} ${reason}`);
}
