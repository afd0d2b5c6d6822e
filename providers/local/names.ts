import type { NameRules } from "../../src/core/names.ts";
import { retainedName } from "./retained.ts";

const linux: NameRules = {
  caseSensitive: true,
  unicode: "distinct",
  duplicates: false,
  // NAME_MAX of Linux.
  maxLength: { unit: "bytes", limit: 255 },
  forbidden: ["/", "\0"],
  blankEdges: { leading: true, trailing: true },
  reserved: [retainedName, ".syncline-*.part"],
};

const controls = Array.from({ length: 32 }, (_, code) => String.fromCharCode(code));
const devices = ["con", "prn", "aux", "nul"].concat(
  Array.from({ length: 9 }, (_, n) => [`com${n + 1}`, `lpt${n + 1}`]).flat(),
);

/** Microsoft, "Naming Files, Paths, and Namespaces". */
const windows: NameRules = {
  ...linux,
  caseSensitive: false,
  maxLength: { unit: "utf16", limit: 255 },
  forbidden: [...controls, ...'<>:"/\\|?*'],
  blankEdges: { leading: true, trailing: false },
  reserved: [...linux.reserved, "*.", ...devices, ...devices.map((device) => `${device}.*`)],
};

/** APFS and HFS+ as they are delivered: case and Unicode form are kept and do not count. */
const mac: NameRules = {
  ...linux,
  caseSensitive: false,
  maxLength: { unit: "utf16", limit: 255 },
};

/** What the usual file system of this platform does with names; a mounted one may differ. */
export function nameRules(platform: NodeJS.Platform): NameRules {
  if (platform === "win32") return windows;
  return platform === "darwin" ? mac : linux;
}
