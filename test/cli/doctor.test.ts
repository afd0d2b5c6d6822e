import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { KnownGrant } from "../../src/app.ts";
import type { Finding } from "../../src/cli/doctor/finding.ts";
import {
  judgeBackup,
  judgeClock,
  judgeDisk,
  judgeDiskType,
  judgeGrant,
  judgeKey,
  judgeOpenFiles,
  judgeProxy,
  judgeUnreached,
  judgeWatches,
} from "../../src/cli/doctor/judge.ts";
import { judgeAccount, judgeRule } from "../../src/cli/doctor/state.ts";
import { formatOwner } from "../../src/cli/lease.ts";
import { openStore, stateFile } from "../../src/store/open.ts";
import { command } from "./in-process.ts";

const mebibyte = 1024 * 1024;
const dayMs = 86_400_000;

const account = {
  name: "box",
  provider: "dropbox",
  identity: "id",
  label: "Ada",
  readAt: new Date(0),
  problem: null,
  failure: null,
  isKeyed: false,
};
const yes = () => true;
const hour = 3_600_000;

/** Of a sign-in to a service that is used since some time before now. */
const grant = (agoMs: number | null, more: Partial<KnownGrant> = {}, provider = "google-drive") =>
  judgeGrant(
    {
      name: "box",
      provider,
      grant: {
        usedSince: agoMs === null ? null : new Date(100 * dayMs - agoMs),
        scopes: null,
        endsAt: null,
        lack: null,
        ...more,
      },
    },
    100 * dayMs,
  );

describe("what was measured means", () => {
  it.each<[string, Finding | Finding[] | null, string | null, RegExp]>([
    ["a clock that is right", judgeClock([-900, 1_200]), "ok", /as that/],
    ["a clock an hour ahead", judgeClock([3_600_000, 3_599_000]), "fail", /ahead.*NTP/],
    ["a clock behind", judgeClock([-61_000]), "fail", /behind/],
    ["one service whose own clock is wrong", judgeClock([10, 9e9, -20]), "ok", /as that/],
    ["no service that answers", judgeClock([]), "warn", /can't be compared/],
    ["a disk with room", judgeDisk(900 * mebibyte), "ok", /free/],
    ["a disk with little", judgeDisk(400 * mebibyte), "warn", /soon/],
    ["a disk with next to nothing", judgeDisk(49 * mebibyte), "fail", /free space/],
    ["a disk of this machine", judgeDiskType(0xef53), null, /^null$/],
    ["NFS", judgeDiskType(0x6969), "warn", /NFS.*--data/],
    ["CIFS, as a number with a sign", judgeDiskType(-11_317_950), "warn", /CIFS/],
    ["a key for its owner", judgeKey(0o100600), "ok", /owner/],
    ["a key for the group", judgeKey(0o100640), "warn", /chmod 600/],
    ["no backup", judgeBackup(null), "warn", /syncline backup/],
    ["a backup of today", judgeBackup(3_600_000), "ok", /old/],
    ["a backup of last month", judgeBackup(30 * dayMs), "warn", /syncline backup/],
    ["watches enough", judgeWatches(1_000, 8_192), "ok", /granted/],
    ["too few watches", judgeWatches(8_000, 8_192), "warn", /max_user_watches=16384/],
    ["a system without inotify", judgeWatches(8_000, null), null, /^null$/],
    ["files enough", judgeOpenFiles(1_024), "ok", /at once/],
    ["too few files", judgeOpenFiles(256), "warn", /ulimit -n/],
    [
      "a name that is not found",
      judgeUnreached("https://a.example", "ENOTFOUND", "x"),
      "fail",
      /DNS/,
    ],
    [
      "a proxy that signs",
      judgeUnreached("https://a.example", "SELF_SIGNED_CERT_IN_CHAIN", "x"),
      "fail",
      /NODE_EXTRA_CA_CERTS/,
    ],
    ["silence", judgeUnreached("https://a.example", "TimeoutError", "x"), "fail", /firewall/],
    [
      "a proxy, its password hidden",
      judgeProxy({ HTTPS_PROXY: "http://u:p@proxy:8080" }, yes),
      "ok",
      /"requests go by http:\/\/proxy:8080"/,
    ],
    [
      "a proxy that is none",
      judgeProxy({ HTTPS_PROXY: "proxy" }, yes),
      "fail",
      /http:\/\/host:port/,
    ],
    [
      "certificates that can't be read",
      judgeProxy({ NODE_EXTRA_CA_CERTS: "/x" }, () => false).slice(1),
      "fail",
      /PEM/,
    ],
    ["an account that is well", judgeAccount(account, 60_000), "ok", /Ada/],
    [
      "an account without a grant",
      judgeAccount({ ...account, problem: "over", failure: "unauthorized" }, 0),
      "fail",
      /connect dropbox box/,
    ],
    [
      "a service account without a key that works",
      judgeAccount({ ...account, isKeyed: true, problem: "over", failure: "unauthorized" }, 0),
      "fail",
      /over.*mend its key/,
    ],
    [
      "an account that lacks a permission",
      judgeAccount({ ...account, problem: "needs files.read", failure: "forbidden" }, 0),
      "fail",
      /files\.read.*permission/,
    ],
    [
      "a service that was away",
      judgeAccount({ ...account, problem: "away", failure: "unavailable" }, 0),
      "warn",
      /check/,
    ],
    ["a young sign-in to Google", grant(hour), "ok", /used for/],
    ["one of six days and more", grant(6 * dayMs + hour), "warn", /7 days.*publish/],
    ["one of seven days and a little", grant(7 * dayMs + hour), "warn", /publish/],
    ["one that has outlived testing", grant(8 * dayMs + hour), "ok", /used for/],
    ["one of which nobody noted the age", grant(null), "ok", /unknown age/],
    ["one as old to Dropbox", grant(6 * dayMs + hour, {}, "dropbox"), "ok", /used for/],
    [
      "one of which Google tells its end",
      grant(hour, { endsAt: new Date(101 * dayMs) }),
      "warn",
      /ends in.*publish/,
    ],
    ["its permissions", grant(hour, { scopes: ["a.read", "b"] }), "ok", /may a\.read, b/],
    [
      "a permission that it lacks",
      grant(hour, { lack: { scopes: ["b"], mend: "tick it" } }),
      "fail",
      /may not b.*tick it.*connect google-drive box/,
    ],
    [
      "a rule that fails",
      judgeRule({ rule: "docs", state: "failing", why: "x" }),
      "fail",
      /log --rule docs/,
    ],
    [
      "a rule that is held",
      judgeRule({ rule: "docs", state: "held", why: "x" }),
      "warn",
      /conflicts/,
    ],
  ])("%s", (_, found, state, words) => {
    const one = Array.isArray(found) ? found[0] : found;
    expect(one?.state ?? null).toBe(state);
    expect(JSON.stringify(one ?? null)).toMatch(words);
  });
});

/** A folder with a configuration of two local accounts and what is given. */
function desk(more = "") {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "syncline-doctor-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ["left", "right"]) mkdirSync(join(folder, name));
  const config = `accounts:\n  left: { provider: local, root: left }\n  right: { provider: local, root: right }\n${more}rules:\n  - { name: docs, from: left:/, to: right:/ }\n`;
  const [file, data] = [join(folder, "syncline.yaml"), join(folder, "data")];
  writeFileSync(file, config);
  const examine = async (env = {}) => {
    const args = ["doctor", "--json", "--config", file, "--data", data];
    const { code, stdout } = await command(args, env);
    const { findings } = JSON.parse(stdout) as { findings: Finding[] };
    const of = (about: string) => findings.filter((each) => each.about === about);
    return { code, findings, of };
  };
  return { folder, file, data, examine };
}

/** A service of which nothing works but its clock. */
async function startService(skewMs: number): Promise<string> {
  const server = createServer((_, answer) => {
    answer
      .setHeader("date", new Date(Date.now() + skewMs).toUTCString())
      .writeHead(404)
      .end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const box = (origin: string) =>
  `  box: { provider: dropbox, clientId: a, refreshToken: b, origin: "${origin}" }\n`;

describe("doctor", () => {
  it("finds nothing wrong where nothing was ever run, and makes nothing", async () => {
    const { examine, data } = desk();
    const { code, findings, of } = await examine();
    expect(code).toBe(0);
    expect(of("data folder")[0]?.message).toBe(`${data} is made on the first start`);
    expect(findings.map(({ about }) => about)).toEqual(
      expect.arrayContaining(["versions", "configuration", "disk", "state", "proxy"]),
    );
    expect(() => rmSync(data, { recursive: true })).toThrow("ENOENT");
  });

  it("tells of a clock that is wrong, and which services answer", async () => {
    const { examine } = desk(box(await startService(-600_000)));
    const { code, of } = await examine();
    expect(of("clock")[0]).toMatchObject({
      state: "fail",
      message: expect.stringContaining("ahead"),
    });
    expect(code).toBe(1);
  });

  it("goes on offline, and with a configuration that is not right", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const { examine, file } = desk(box(`http://127.0.0.1:${port}`));
    const away = await examine();
    expect(away.of(`service 127.0.0.1:${port}`)[0]).toMatchObject({
      state: "fail",
      mend: expect.stringContaining("firewall"),
    });
    writeFileSync(file, "accounts: 5\n");
    const wrong = await examine({ SYNCLINE_PUBLIC_URL: "http://x.example" });
    expect(wrong.code).toBe(1);
    expect(wrong.of("configuration")[0]?.state).toBe("fail");
    expect(wrong.of("public address")[0]).toMatchObject({ state: "fail" });
    expect(wrong.of("disk")).toHaveLength(1);
  });

  it("works beside a process, and tells of it and of what it met", async () => {
    const { examine, data } = desk();
    mkdirSync(data);
    const key = new Uint8Array(32);
    const store = openStore({ file: stateFile(data), key, now: Date.now });
    onTestFinished(() => store.close());
    store.leases.take(formatOwner({ host: "elsewhere", pid: 7, startedMs: 0 }), () => true);
    store.leases.setCourse({ sinceMs: 0, rules: [], problems: ["syncline.yaml:3:1: no"] });
    const { id } = store.accounts.ensure("left", "local");
    store.accounts.setProblem(id, "the root folder is missing", "unavailable");
    writeFileSync(join(data, "key"), "x", { mode: 0o644 });
    const { code, of } = await examine();
    expect(code).toBe(1);
    expect(of("process").map(({ state }) => state)).toEqual(["ok", "fail"]);
    expect(of("account left")[0]).toMatchObject({ state: "warn" });
    expect(of("key")[0]).toMatchObject({ state: "warn" });
    expect(of("backup")[0]).toMatchObject({ state: "warn" });
  });
});
