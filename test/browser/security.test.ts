import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { encode } from "uqr";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildProgram } from "../cli/helpers.ts";
import { totp } from "../server/totp.ts";
import { launchChromium } from "./chromium.ts";
import { config, open, password, serving, setUp, violations } from "./grounds.ts";

let browser: Browser;

beforeAll(async () => {
  buildProgram();
  browser = await launchChromium();
});
afterAll(() => browser?.close());

/** Passkeys work at a name alone. */
const named = (address: string) => address.replace("127.0.0.1", "localhost");

async function signIn(page: Page): Promise<void> {
  await page.getByLabel("E-mail address").fill("ada@example.com");
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

async function signOut(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Sign out" }).first().click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
}

/** The device's own authenticator, with somebody who always agrees. */
async function withAuthenticator(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

describe("signing in", () => {
  it("goes by a passkey that was made right after the set-up, and not by one that was removed", async () => {
    const { address, code } = await serving(config);
    const { page, complaints } = await open(browser, named(address));
    await withAuthenticator(page);
    await page.getByLabel("Set-up code").fill(code);
    await page.getByLabel("Your name").fill("Ada");
    await page.getByLabel("E-mail address").fill("ada@example.com");
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Begin" }).click();
    await page.getByRole("heading", { name: "Welcome, Ada" }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole("button", { name: "Add a passkey of this device" }).click();
    await page.getByText(/^Passkey of /).waitFor();
    await page.getByRole("button", { name: "Go on" }).click();
    await signOut(page);
    await page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await page.getByRole("heading", { name: "Rules" }).waitFor();
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByRole("button", { name: /^Remove Passkey of / }).click();
    await page.getByText(/^Passkey of /).waitFor({ state: "detached" });
    await signOut(page);
    expect(complaints).toEqual([]);
    await page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await page.getByRole("alert").getByText("This passkey is not known here.").waitFor();
  });

  it("asks for a code of the app, or a backup code, which counts once", async () => {
    const { address, code } = await serving(config);
    const { page, complaints } = await open(browser, address, { permissions: ["clipboard-write"] });
    await setUp(page, code);
    await page.goto(`${address}/#/settings`);
    const factor = page.locator("section", { hasText: "Second factor" });
    await factor.getByLabel("Your password").fill("not my password");
    await factor.getByRole("button", { name: "Turn it on" }).click();
    await factor.getByText("This is not your password.").waitFor();
    await factor.getByLabel("Your password").fill(password);
    await factor.getByRole("button", { name: "Turn it on" }).click();
    const uri = String(await factor.getByRole("link", { name: "open it" }).getAttribute("href"));
    const secret = new URL(uri).searchParams.get("secret") ?? "";
    expect(await factor.locator("code").textContent()).toBe(secret);
    expect(uri).toContain("Syncline");
    // What a camera sees is that very address.
    const drawn = await factor
      .getByRole("img", { name: "QR code" })
      .locator("path")
      .getAttribute("d");
    const dark = encode(uri, { border: 4 }).data.flatMap((row, y) =>
      row.flatMap((isDark, x) => (isDark ? [`${x} ${y}`] : [])),
    );
    expect(drawn?.match(/(?<=M)\d+ \d+(?=h1v1h-1z)/g)).toEqual(dark);
    await factor.getByLabel("The code that your app shows now").fill("000000");
    await factor.getByRole("button", { name: "Turn it on" }).click();
    await factor.getByText("This code is not right.").waitFor();
    await factor.getByLabel("The code that your app shows now").fill(totp(secret));
    await factor.getByRole("button", { name: "Turn it on" }).click();
    await factor.getByText("they are shown this once").waitFor();
    const codes = await factor.getByRole("listitem").allTextContents();
    expect(codes.length).toBe(10);
    expect(await violations(page)).toEqual([]);
    await factor.getByRole("button", { name: "Copy" }).click();
    await factor.getByRole("button", { name: "Copied" }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      factor.getByRole("link", { name: "Download" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("syncline-backup-codes.txt");
    expect(readFileSync(await download.path(), "utf8")).toBe(`${codes.join("\n")}\n`);
    await factor.getByRole("button", { name: "I have kept them" }).click();
    await factor.getByText("New backup codes").waitFor();
    await page.reload();
    await factor.getByText("New backup codes").waitFor();
    expect(await factor.getByText(codes[0] ?? "").count()).toBe(0);

    await signOut(page);
    await signIn(page);
    await page.getByLabel("The code that your app shows").fill(totp(secret));
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByRole("heading", { name: "Settings" }).waitFor();
    for (const isFirst of [true, false]) {
      await signOut(page);
      await signIn(page);
      await page.getByRole("button", { name: "Use a backup code instead" }).click();
      await page.getByLabel("Backup code").fill(codes[0] ?? "");
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
      if (isFirst) await page.getByRole("heading", { name: "Settings" }).waitFor();
    }
    await page.getByRole("alert").getByText("This code is not right.").waitFor();
    await page.getByLabel("Backup code").fill(codes[1] ?? "");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByRole("heading", { name: "Settings" }).waitFor();

    await factor.getByText("New backup codes").click();
    await factor.getByLabel("Your password").first().fill(password);
    await factor.getByRole("button", { name: "Make new ones" }).click();
    await factor.getByText("they are shown this once").waitFor();
    expect(await factor.getByText(codes[2] ?? "").count()).toBe(0);
    await factor.getByRole("button", { name: "I have kept them" }).click();
    await factor.getByText("Turn it off").first().click();
    await factor.getByLabel("Your password").last().fill(password);
    await factor.getByRole("button", { name: "Turn it off" }).click();
    await factor.getByText("off", { exact: true }).waitFor();
    await signOut(page);
    await signIn(page);
    await page.getByRole("heading", { name: "Settings" }).waitFor();
    // Browsers tell of each refusal.
    expect(complaints.filter((each) => !/status of 40[01]/.test(each))).toEqual([]);
  });

  it("is ended from another browser", async () => {
    const { address, code } = await serving(config);
    const { page } = await open(browser, address);
    await setUp(page, code);
    const { page: other } = await open(browser, address, { userAgent: "A browser in the library" });
    await signIn(other);
    await other.getByRole("heading", { name: "Rules" }).waitFor();
    await page.goto(`${address}/#/settings`);
    const line = page.getByRole("listitem").filter({ hasText: "A browser in the library" });
    await line.getByRole("button", { name: "Sign out there" }).click();
    await line.waitFor({ state: "detached" });
    await other.getByRole("link", { name: "Activity" }).click();
    await other.getByRole("heading", { name: "Sign in" }).waitFor();
    await page.getByText("this one").waitFor();
  });
});

describe("an API key of the settings", () => {
  it("is shown once, may what its scopes say and no more, until it is ended", async () => {
    const { address, code } = await serving(config);
    const { page, complaints } = await open(browser, address);
    await setUp(page, code);
    await page.goto(`${address}/#/settings`);
    const keys = page.locator("section", { hasText: "API keys" });
    await keys.getByLabel("What is it for?").fill("backup script");
    await keys.getByLabel("run, pause, decide, undo").check();
    await keys.getByRole("button", { name: "Make a key" }).click();
    const key = String(await keys.getByRole("status").locator("code").textContent());
    const asked = async (method: string, path: string, given = key) => {
      const headers = { authorization: `Bearer ${given}`, "content-type": "application/json" };
      const body = method === "GET" ? null : "{}";
      return (await fetch(`${address}/api/v1/${path}`, { method, headers, body })).status;
    };
    expect(await asked("GET", "rules")).toBe(200);
    expect(await asked("POST", "rules/docs/run")).toBe(200);
    expect(await asked("DELETE", "rules/docs")).toBe(403);
    expect(await asked("GET", "me/keys")).toBe(403);
    expect(await asked("GET", "users")).toBe(403);
    expect(await asked("GET", "rules", `${key}x`)).toBe(401);
    await page.reload();
    await keys.getByText(/read, run · used/).waitFor();
    expect(await keys.getByText(key).count()).toBe(0);
    await keys.getByRole("button", { name: "End it" }).click();
    await keys.getByText(/read, run/).waitFor({ state: "detached" });
    expect(await asked("GET", "rules")).toBe(401);
    expect(complaints).toEqual([]);
  });
});
