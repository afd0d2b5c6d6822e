/** Numbers and times as people read them. */

const units = ["B", "KiB", "MiB", "GiB", "TiB"];

export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  const digits = power === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[power]}`;
}

export const formatNumber = (value: number): string => value.toLocaleString("en");

/** `1 file`, `2,000 files`. */
export const formatCount = (value: number, noun: string, many = `${noun}s`): string =>
  `${formatNumber(value)} ${value === 1 ? noun : many}`;

/** `a`, `a and b`, `a, b and c`. */
export const formatList = (names: readonly string[]): string =>
  new Intl.ListFormat("en-GB", { type: "conjunction" }).format(names);

const spans: readonly (readonly [unit: string, ms: number])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
];

/** `3 min`: the largest unit that fits, rounded down. */
export function formatSpan(ms: number): string {
  const [unit, length] = spans.find(([, each]) => ms >= each) ?? ["s", 1_000];
  if (ms < 1_000) return ms < 1 ? "0 s" : "under 1 s";
  return `${Math.floor(ms / length)} ${unit}`;
}

/** `3 min ago`, `in 2 h`. */
export function formatAgo(instant: string, nowMs = Date.now()): string {
  const ms = nowMs - Date.parse(instant);
  if (Math.abs(ms) < 1_000) return "now";
  return ms > 0 ? `${formatSpan(ms)} ago` : `in ${formatSpan(-ms)}`;
}

export const formatTime = (instant: string): string =>
  new Date(instant).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" });

export const titles: Readonly<Record<string, string>> = {
  dropbox: "Dropbox",
  "google-drive": "Google Drive",
  onedrive: "OneDrive",
  local: "Folder on this machine",
};

/** A reason without the command that would mend it in a terminal: here are buttons. */
export const plain = (why: string): string => why.replaceAll(/ \(syncline [^)]*\)/g, "");
