import type { KnownGrant } from "../../app.ts";
import { formatBytes, formatNumber, formatSpan } from "../format.ts";
import { type Finding, fail, ok, warn } from "./finding.ts";

/** What measured values mean; pure. */

const mebibyte = 1024 * 1024;
const minuteMs = 60_000;
const dayMs = 86_400_000;

/** Sign-ins are refused from some minutes on, and times in the log mislead from the first. */
export function judgeClock(skewsMs: readonly number[]): Finding {
  if (skewsMs.length === 0) {
    const mend = 'put the network right, see "service" below';
    return warn("clock", "can't be compared: no service answered", mend);
  }
  // A service may be wrong; what most say is right.
  const skewMs = skewsMs.toSorted((a, b) => a - b)[Math.floor(skewsMs.length / 2)] ?? 0;
  const size = formatSpan(Math.abs(skewMs));
  if (Math.abs(skewMs) <= minuteMs) return ok("clock", "as that of the services");
  const message = `${size} ${skewMs > 0 ? "ahead of" : "behind"} that of the services`;
  const mend = "set the clock, and let NTP keep it (timedatectl set-ntp true)";
  return fail("clock", message, mend);
}

export function judgeDisk(freeBytes: number): Finding {
  const message = `${formatBytes(freeBytes)} free where the state is`;
  if (freeBytes < 50 * mebibyte) return fail("disk", message, "free space on that disk");
  if (freeBytes < 500 * mebibyte) return warn("disk", message, "free space on that disk soon");
  return ok("disk", message);
}

/** By `f_type` of statfs(2), which names it in linux/magic.h. */
const remoteDisks: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB"],
  [0x01021997, "9p"],
  [0x65735546, "FUSE"],
]);

export function judgeDiskType(type: number): Finding | null {
  const name = remoteDisks.get(type >>> 0);
  if (name === undefined) return null;
  const message = `the data folder is on ${name}, which may not lock files as SQLite needs`;
  return warn("disk", message, "put --data on a disk of this machine");
}

/** Permission bits of the key file; null: there is none yet. */
export function judgeKey(mode: number | null): Finding {
  if (mode === null) return ok("key", "is made on the first start");
  if ((mode & 0o077) === 0) return ok("key", "readable by its owner alone");
  return warn("key", "others on this machine can read the key file", "chmod 600 it");
}

/** How long ago the last one was made; null: never. */
export function judgeBackup(ageMs: number | null): Finding {
  const mend = "syncline backup FILE, best once a day";
  if (ageMs === null) return warn("backup", "none was ever made of this state", mend);
  const message = `the last one is ${formatSpan(Math.max(0, ageMs))} old`;
  return ageMs > 7 * dayMs ? warn("backup", message, mend) : ok("backup", message);
}

export interface GrantFacts {
  readonly name: string;
  readonly provider: string;
  readonly grant: KnownGrant;
}

/** Google docs, "Refresh token expiration": of an app whose consent screen is in testing, a grant lives so long. */
const testingMs = 7 * dayMs;

/** How old a sign-in is, how long it will do, and what it may. */
export function judgeGrant({ name, provider, grant }: GrantFacts, nowMs: number): Finding {
  const about = `sign-in ${name}`;
  const { lack, endsAt, usedSince, scopes } = grant;
  const anew = `syncline connect ${provider} ${name}, or in the dashboard`;
  if (lack) return fail(about, `may not ${lack.scopes.join(", ")}`, `${lack.mend}: ${anew}`);
  const ageMs = usedSince && Math.max(0, nowMs - usedSince.getTime());
  const age = ageMs === null ? "of unknown age" : `used for ${formatSpan(ageMs)}`;
  const may = scopes === null ? "" : `; may ${scopes.join(", ")}`;
  const publish = `publish the app in the Google Cloud console, then sign in again: ${anew}`;
  if (endsAt) {
    const leftMs = endsAt.getTime() - nowMs;
    const end = leftMs > 0 ? `ends in ${formatSpan(leftMs)}` : "has ended";
    return warn(about, `${age}, ${end}`, publish);
  }
  // Once it has outlived testing, the app is no longer in it. A day more, as clocks and first uses differ.
  const isDoubtful = ageMs !== null && ageMs > testingMs - dayMs && ageMs < testingMs + dayMs;
  if (provider === "google-drive" && isDoubtful) {
    const message = `${age}: if the app is still in testing, Google ends it after 7 days`;
    return warn(about, message, `where it is in testing, ${publish}`);
  }
  return ok(about, `${age}${may}`);
}

/** Directories that are watched, against what the system grants each user; null: not told. */
export function judgeWatches(folders: number, limit: number | null): Finding | null {
  if (limit === null) return null;
  const message = `${formatNumber(folders)} folders to watch, ${formatNumber(limit)} granted`;
  if (folders < limit * 0.8) return ok("inotify", message);
  const wanted = 2 ** Math.ceil(Math.log2(folders * 2));
  const mend = `sysctl fs.inotify.max_user_watches=${wanted}; until then folders are scanned`;
  return warn("inotify", message, mend);
}

/** How many files this process may have open; null: not told. */
export function judgeOpenFiles(limit: number | null): Finding | null {
  if (limit === null) return null;
  const message = `${formatNumber(limit)} may be open at once`;
  if (limit >= 1024) return ok("open files", message);
  return warn("open files", message, "raise it to 1024 or more (ulimit -n, LimitNOFILE=)");
}

/** Why a service was not reached, as the system or TLS says it. */
export function judgeUnreached(origin: string, code: string, words: string): Finding {
  const about = `service ${new URL(origin).host}`;
  const mend =
    Object.entries(networkMends).find(([codes]) => new RegExp(`^(${codes})$`).test(code))?.[1] ??
    "see whether a browser or curl on this machine gets there; behind a proxy set HTTPS_PROXY";
  return fail(about, `can't be reached: ${words}`, mend);
}

const networkMends: Readonly<Record<string, string>> = {
  "ENOTFOUND|EAI_AGAIN":
    "its name can't be looked up: check the network and DNS (/etc/resolv.conf)",
  "ECONNREFUSED|EHOSTUNREACH|ENETUNREACH":
    "check the network, the firewall, and HTTPS_PROXY where a proxy leads out",
  "UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT|TimeoutError":
    "something on the way drops it: check the firewall, and HTTPS_PROXY where a proxy leads out",
  "SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_GET_ISSUER_CERT_LOCALLY|UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    "something on the way signs its own certificates: name its authority with NODE_EXTRA_CA_CERTS=/path/ca.pem",
  "CERT_HAS_EXPIRED|CERT_NOT_YET_VALID": "check the clock of this machine",
};

/** What the environment says of a proxy; `canRead`: whether a file can be read. */
export function judgeProxy(
  env: Readonly<Record<string, string | undefined>>,
  canRead: (path: string) => boolean,
): Finding[] {
  const proxy = env.HTTPS_PROXY || env.https_proxy;
  const without = env.NO_PROXY || env.no_proxy;
  const authority = env.NODE_EXTRA_CA_CERTS;
  const findings: Finding[] = [];
  const url = proxy ? URL.parse(proxy) : null;
  if (!proxy) findings.push(ok("proxy", "none is set"));
  else if (url && /^https?:$/.test(url.protocol)) {
    const rest = without ? `; not for ${without}` : "";
    findings.push(ok("proxy", `requests go by ${url.protocol}//${url.host}${rest}`));
  } else {
    findings.push(
      fail("proxy", "HTTPS_PROXY is not the address of a proxy", "write http://host:port"),
    );
  }
  if (authority && !canRead(authority)) {
    const message = `NODE_EXTRA_CA_CERTS: ${authority} can't be read`;
    findings.push(fail("certificates", message, "name a file with certificates in PEM"));
  }
  return findings;
}
