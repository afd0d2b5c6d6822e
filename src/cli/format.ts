/** How people read sizes, counts and times; nothing here looks at a clock by itself. */

const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** `0 B`, `999 B`, `1.2 KiB`, `34 MiB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // Half a unit below, so that rounding never shows 1024 of one.
  for (; value >= 1023.5 && unit < units.length - 1; unit++) value /= 1024;
  const text = unit > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value).toString();
  return `${text} ${units[unit]}`;
}

/** `1 file`, `12,345 files`; `plural` where an `s` does not do. */
export function formatCount(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatNumber(count)} ${count === 1 ? noun : plural}`;
}

export function formatNumber(value: number): string {
  return value.toLocaleString("en-US");
}

/** `0.4 s`, `45 s`, `3 min 20 s`, `2 h 05 min`, `4 d 3 h`. */
export function formatSpan(ms: number): string {
  if (ms < 9_950) return `${(Math.max(0, ms) / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (minutes === 0) return `${seconds} s`;
  if (hours === 0) return `${minutes} min ${twoDigits(seconds % 60)} s`;
  if (hours < 24) return `${hours} h ${twoDigits(minutes % 60)} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** `just now`, `12 s ago`, `3 h ago`, `in 5 min`. */
export function formatAgo(at: Date, nowMs: number): string {
  const ms = nowMs - at.getTime();
  const span = coarseSpan(Math.abs(ms));
  if (span === null) return ms >= 0 ? "just now" : "now";
  return ms >= 0 ? `${span} ago` : `in ${span}`;
}

/** One unit; null below two seconds. */
function coarseSpan(ms: number): string | null {
  const steps: [unit: string, lengthMs: number][] = [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["min", 60_000],
    ["s", 1_000],
  ];
  if (ms < 2_000) return null;
  const [unit, lengthMs] = steps.find(([, length]) => ms >= length) ?? ["s", 1_000];
  return `${Math.floor(ms / lengthMs)} ${unit}`;
}

/** `2026-11-22 09:20:32`, in the time zone of the machine. */
export function formatTime(at: Date): string {
  const date = [at.getFullYear(), at.getMonth() + 1, at.getDate()].map(twoDigits).join("-");
  return `${date} ${formatTimeOfDay(at)}`;
}

/** `09:20:32`, in the time zone of the machine. */
export function formatTimeOfDay(at: Date): string {
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map(twoDigits).join(":");
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}

/**
 * Text from outside, safe for a terminal: whatever could move the cursor, change colours or turn the
 * reading direction around is shown as an escape. For file names and services' messages.
 */
export function printable(text: string): string {
  return text.replace(commanding, shown);
}

/** The same for lines of ours, which have ends and colours: the last look at all that a terminal is given. */
export function printableLines(text: string): string {
  return text.replace(ownOrCommanding, (found) =>
    found.length > 1 || found === "\n" ? found : shown(found),
  );
}

/** The same for JSON, which means what it meant: of what commands a terminal, JSON itself hides a part alone. */
export function printableJson(json: string): string {
  return json.replace(
    commanding,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

const commanding = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;
/** A colour or style of `styleText` first, so that its escape is not taken for a stranger's. */
const ownOrCommanding = new RegExp(
  `${String.fromCharCode(27)}\\[\\d+(?:;\\d+)*m|${commanding.source}`,
  "gu",
);

const shown = (char: string) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
