import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import axe from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { expect, onTestFinished } from "vitest";
import { loadKey } from "../../src/store/key.ts";
import { openStore, stateFile } from "../../src/store/open.ts";
import { createDesk } from "../cli/helpers.ts";

/** The program as users start it, and the page as they see it; what a test takes ends with it. */

export const password = "a long enough password";
/** For what takes a run of a rule. */
export const soon = { timeout: 15_000 };

/** Two folders of this machine. */
export const accounts = `accounts:
  left: { provider: local, root: left }
  right: { provider: local, root: right }
`;
/** A rule between them. */
export const config = `${accounts}rules:
  - { name: docs, from: left:/, to: right:/, quiet: 0s, mode: two-way, conflict: review }
`;

/** The program as users start it, in a folder of its own. */
export async function serving(yaml: string | null) {
  const desk = createDesk(yaml);
  for (const name of ["left", "right", "third"]) mkdirSync(desk.path(name));
  const started = desk.start("serve", "--port", "0", "--poll", "1s");
  let said = "";
  started.child.stderr?.on("data", (text: string) => {
    said += text;
  });
  onTestFinished(async () => {
    started.child.kill("SIGTERM");
    await started.ended;
    desk.clear();
  });
  await started.says("set-up code: ");
  await expect.poll(() => /code: [\w-]{14}/.test(said)).toBe(true);
  const address = /http:\/\/[\d.:]+/.exec(said)?.[0] ?? "";
  return { ...desk, address, code: /code: ([\w-]+)/.exec(said)?.[1] ?? "" };
}

/** A reverse proxy that serves what is at the address below a path of its own. */
export async function proxied(address: string, below: string): Promise<string> {
  const proxy = createServer((asked, answer) => {
    const { method, headers, url = "/" } = asked;
    if (!url.startsWith(`${below}/`)) return void answer.writeHead(404).end();
    const forwarded = { ...headers, "x-forwarded-host": headers.host, host: "inside" };
    const to = request(`${address}${url.slice(below.length)}`, { method, headers: forwarded });
    to.on("response", (told) => {
      answer.writeHead(told.statusCode ?? 500, told.headers);
      told.pipe(answer);
    });
    to.on("error", () => answer.destroy());
    answer.on("close", () => to.destroy());
    asked.pipe(to);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  onTestFinished(() => {
    proxy.close();
    proxy.closeAllConnections();
  });
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}

/** A page, with all that it complains of, and all that it asks of others. */
export async function open(
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
  path = "/",
) {
  const context = await browser.newContext({ locale: "en-GB", ...options });
  onTestFinished(() => context.close());
  // Before a test ends without a word of what it waits for.
  context.setDefaultTimeout(Number(process.env.PWT ?? 20_000));
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("request", (request) => {
    const isOwn = [address, `blob:${address}`, "data:"].some((own) =>
      request.url().startsWith(own),
    );
    if (!isOwn) complaints.push(`asked ${request.url()}`);
  });
  await page.goto(`${address}${path}`);
  return { page, complaints };
}

/** Makes the first admin, who is signed in then. */
export async function setUp(page: Page, code: string): Promise<void> {
  await page.getByLabel("Set-up code").fill(code);
  await page.getByLabel("Your name").fill("Ada");
  await page.getByLabel("E-mail address").fill("ada@example.com");
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Begin" }).click();
  await page.getByRole("button", { name: "Skip for now" }).click();
  await page.getByRole("heading", { name: "Rules" }).waitFor();
}

/** What an account of the dashboard is signed in with. */
export function tokenIn(data: string, account: string): string {
  const key = loadKey({}, data);
  const store = openStore({ file: stateFile(data), key, now: Date.now, readonly: true });
  const made = store.made.accounts().find(({ name }) => name === account);
  store.close();
  return String(made?.fields?.refreshToken);
}

/** What axe finds wrong, in a word each. */
export async function violations(page: Page): Promise<unknown> {
  // Not as a script of the page, which its policy forbids.
  await page.evaluate(axe.source);
  return page.evaluate(
    `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html]))`,
  );
}
