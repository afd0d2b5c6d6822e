import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { driveScope } from "../../providers/google-drive/scopes.ts";
import { text } from "../contract/bytes.ts";
import { failure, follow } from "../contract/harness.ts";
import { openBench, startService } from "./google-drive-bench.ts";

const hourMs = 3_600_000;

describe("google-drive: a service account", () => {
  it("works in the shared drive, signed in by its key alone", async () => {
    const bench = await startService();
    const { cloud, provider, root, mirror } = bench;
    cloud.files.put("root", "private.txt", "p");
    expect(await provider.identity()).toEqual({ id: root, label: "Team (shared drive)" });
    const made = await provider.write(
      { type: "new", at: { parent: root, name: "a.txt" } },
      text("a"),
    );
    expect(cloud.files.readText(made.id)).toBe("a");
    await follow({ bare: provider, mirror }, null);
    expect([...mirror.children(root)].map(({ name }) => name)).toEqual(["a.txt"]);
    expect(await provider.lacks?.()).toBeNull();
    expect(cloud.count("oauth/token")).toBe(1);
    const restarted = openBench(cloud, bench.settings, bench.tokens);
    await restarted.provider.root();
    expect(cloud.count("oauth/token")).toBe(1);
  });

  it("gets a new token once when several requests find the old one expired", async () => {
    const { cloud, provider, root } = await startService();
    await provider.root();
    cloud.oauth.expireAccessTokens();
    cloud.resetCounts();
    const write = (name: string) =>
      provider.write({ type: "new", at: { parent: root, name } }, text(name));
    await Promise.all(["a", "b", "c"].map(write));
    expect(cloud.count("oauth/token")).toBe(1);
  });

  it.each([
    [503, "unavailable"],
    [429, "rate-limited"],
  ] as const)("does not repeat a token request that got %d", async (status, expected) => {
    const { cloud, provider } = await startService();
    const effect = { type: "status", status } as const;
    cloud.faults.add({ match: { route: "oauth/token", times: 9 }, effect });
    await failure(provider.identity(), expected);
    expect(cloud.count("oauth/token")).toBe(1);
  });

  it("has to be a member of the drive, and its e-mail is told", async () => {
    const { cloud, provider, root, settings } = await startService();
    const { email } = settings.serviceAccount;
    cloud.serviceAccounts.setRole(email, root, null);
    const { message } = await failure(provider.identity(), "forbidden");
    expect(message).toContain(`add ${email} to its members as content manager`);
  });

  it("tells that its key was deleted, and where a new one is made", async () => {
    const { cloud, provider, settings } = await startService();
    const { email, privateKey, keyId } = settings.serviceAccount;
    cloud.serviceAccounts.deleteKey(email);
    const { message } = await failure(provider.identity(), "unauthorized");
    expect(message).toContain(`Invalid JWT Signature. (key ${keyId} was deleted`);
    expect(message).not.toContain(privateKey.split("\n")[1]);
  });

  it("is refused with a key that is not its own, and when it is no more", async () => {
    const { cloud, provider, settings } = await startService();
    const other = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    const privateKey = other.export({ type: "pkcs8", format: "pem" }).toString();
    const serviceAccount = { ...settings.serviceAccount, privateKey };
    const stranger = openBench(cloud, { ...settings, serviceAccount });
    expect((await failure(stranger.provider.identity(), "unauthorized")).message).toContain(
      "Signature",
    );
    cloud.serviceAccounts.remove(serviceAccount.email);
    expect((await failure(provider.identity(), "unauthorized")).message).toContain(
      "account not found",
    );
  });

  it.each([
    ["ahead", 2 * hourMs],
    ["behind", -2 * hourMs],
  ])("tells that the clock is %s", async (_, offMs) => {
    const { provider } = await startService({}, { now: () => Date.now() + offMs });
    const { message } = await failure(provider.identity(), "unauthorized");
    expect(message).toContain("set the clock of this machine");
  });

  it("works as a person where their organisation allows it, in My Drive, too", async () => {
    const { cloud, settings } = await startService();
    const { drive: _, ...own } = settings;
    const asAda = { ...own, impersonate: "ada@example.com" };
    const refused = await failure(openBench(cloud, asAda).provider.identity(), "unauthorized");
    expect(refused.message).toContain("Domain-wide delegation");
    cloud.serviceAccounts.delegate(settings.serviceAccount.email, [driveScope]);
    const { provider, root } = openBench(cloud, asAda);
    expect(await provider.identity()).toMatchObject({ label: "ada@example.com" });
    expect((await provider.root()).id).toBe(root);
    const bob = openBench(cloud, { ...own, impersonate: "bob@example.com" });
    expect((await failure(bob.provider.identity(), "unauthorized")).message).toContain(
      '"impersonate" must be the e-mail',
    );
  });

  it("asks for tokens by the account's own line, within its bounds", async () => {
    const asked: string[] = [];
    const send: typeof fetch = (input, init) => {
      asked.push(new URL(input instanceof Request ? input.url : input).pathname);
      return fetch(input, init);
    };
    const { cloud, settings } = await startService();
    await openBench(cloud, settings, null, {}, send).provider.root();
    expect(asked[0]).toBe("/token");
    const origin = { ...settings.origin, token: "http://192.0.2.1" };
    const astray = openBench(cloud, { ...settings, origin });
    expect((await failure(astray.provider.root(), "unexpected")).message).toContain(
      "foreign address",
    );
  });
});
