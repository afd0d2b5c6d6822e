import type { NameRules } from "../../src/core/names.ts";

const controls = Array.from({ length: 32 }, (_, code) => String.fromCharCode(code));
const devices = ["con", "prn", "aux", "nul"].concat(
  Array.from({ length: 10 }, (_, n) => [`com${n}`, `lpt${n}`]).flat(),
);

/**
 * Microsoft support: "Restrictions and limitations in OneDrive and SharePoint". What depends on the place is
 * left to the service, which refuses it: paths over 400 characters, and a folder `forms` at a library's root.
 */
export const nameRules: NameRules = {
  caseSensitive: false,
  unicode: "distinct",
  duplicates: false,
  maxLength: { unit: "utf16", limit: 255 },
  forbidden: [...controls, ...'"*:<>?/\\|'],
  blankEdges: { leading: false, trailing: false },
  reserved: ["*.", ".lock", "desktop.ini", "~$*", "*_vti_*", ...devices],
};

/** In a document library no folder can begin with a tilde; a rule for names can't tell folders from files. */
export const libraryNameRules: NameRules = {
  ...nameRules,
  reserved: [...nameRules.reserved, "~*"],
};
