import { readFileSync } from "node:fs";
import type { AccountSettings } from "../../core/account.ts";
import type { Itself } from "../../server/itself.ts";
import { reach } from "../../server/reach.ts";
import { type Finding, fail, ok, warn } from "./finding.ts";
import { judgeClock, judgeProxy, judgeUnreached } from "./judge.ts";

/** The way to the services, and theirs back. */

const patienceMs = 8_000;

/** `itself` null: there is no key yet. */
export async function examineNetwork(
  accounts: Iterable<AccountSettings>,
  env: Readonly<Record<string, string | undefined>>,
  itself: Pick<Itself, "ask"> | null,
): Promise<Finding[]> {
  const origins = new Set([...accounts].flatMap(originsOf));
  const answers = await Promise.all([...origins].map(ask));
  const skews = answers.flatMap(({ skewMs }) => skewMs ?? []);
  return [
    ...(origins.size > 0 ? [judgeClock(skews)] : []),
    ...judgeProxy(env, canRead),
    ...answers.map(({ finding }) => finding),
    await examinePublicAddress(env.SYNCLINE_PUBLIC_URL, itself),
  ];
}

/** The hosts of each service that an account talks to, as its README names them. */
function originsOf(settings: AccountSettings): string[] {
  if (settings.provider === "local") return [];
  const given: Readonly<Record<string, string | undefined>> = settings.origin ?? {};
  return Object.entries(publicOrigins[settings.provider]).map(
    ([part, origin]) => given[part] ?? origin,
  );
}

const publicOrigins = {
  dropbox: {
    api: "https://api.dropboxapi.com",
    content: "https://content.dropboxapi.com",
    notify: "https://notify.dropboxapi.com",
  },
  "google-drive": { api: "https://www.googleapis.com", token: "https://oauth2.googleapis.com" },
  onedrive: {
    api: "https://graph.microsoft.com",
    token: "https://login.microsoftonline.com",
  },
} as const;

/** Any answer at all says that it is there; what it says does not matter. */
async function ask(origin: string): Promise<{ finding: Finding; skewMs?: number }> {
  const sentMs = Date.now();
  try {
    const answer = await fetch(origin, {
      method: "HEAD",
      redirect: "manual",
      signal: AbortSignal.timeout(patienceMs),
    });
    const tookMs = Date.now() - sentMs;
    const finding = ok(`service ${new URL(origin).host}`, `answers within ${tookMs} ms`);
    const theirs = Date.parse(answer.headers.get("date") ?? "");
    if (Number.isNaN(theirs)) return { finding };
    return { finding, skewMs: sentMs + tookMs / 2 - theirs };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const words = cause instanceof Error ? cause.message : String(cause);
    const name = cause instanceof Error ? cause.name : "";
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : name;
    return { finding: judgeUnreached(origin, name === "TimeoutError" ? name : code, words) };
  }
}

async function examinePublicAddress(
  given: string | undefined,
  itself: Pick<Itself, "ask"> | null,
): Promise<Finding> {
  const about = "public address";
  if (!given) return ok(about, "none is set: changes are found by long poll and polling");
  const url = URL.parse(given);
  if (url?.protocol !== "https:" || url.pathname !== "/") {
    const mend = "write https, a host and perhaps a port, such as https://sync.example.com";
    return fail(about, `SYNCLINE_PUBLIC_URL: "${given}" is not one that services call`, mend);
  }
  const { reached, message } = await reach(url.origin, itself);
  const mend =
    "lead it to serve, through a proxy that ends TLS; it is right too where only this machine can't get there";
  return reached ? ok(about, message) : warn(about, message, mend);
}

function canRead(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}
