import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from "vitest";
import { launchChromium } from "./chromium.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
let browser: Browser;
let demo: ChildProcess;
let address = "";

beforeAll(async () => {
  browser = await launchChromium();
  demo = spawn(process.execPath, ["dist/demo.js", "--port", "0"], { cwd: root });
  let text = "";
  demo.stdout?.setEncoding("utf8").on("data", (piece: string) => {
    text += piece;
  });
  await vi.waitFor(() => expect(text).toMatch(/Now you/), { timeout: 30_000 });
  address = /Both clouds +(\S+)/.exec(text)?.[1] ?? "";
});

afterAll(async () => {
  await browser?.close();
  if (demo?.exitCode !== null) return;
  demo.kill("SIGTERM");
  await once(demo, "close");
});

/** The page with everything that it complained of. */
async function open(options: Parameters<Browser["newContext"]>[0] = {}) {
  const context = await browser.newContext({ locale: "en-GB", ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("requestfailed", (request) => complaints.push(request.url()));
  await page.goto(address);
  return { page, complaints };
}

const inCloud = (page: Page, cloud: "dropbox" | "drive", name: string) =>
  page.locator(`[data-cloud=${cloud}]`).getByText(name, { exact: true });

it("shows a file that a person uploads to Dropbox arrive in Drive", async () => {
  const { page, complaints } = await open();
  await inCloud(page, "drive", "hello.txt").waitFor();
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    page.getByLabel("Upload to Photos in Dropbox").click(),
  ]);
  await chooser.setFiles({
    name: "from the browser.txt",
    mimeType: "text/plain",
    buffer: Buffer.from("hello from Chromium"),
  });
  await inCloud(page, "dropbox", "from the browser.txt").waitFor();
  await inCloud(page, "drive", "from the browser.txt").waitFor();

  await page.getByLabel("More for from the browser.txt").first().click();
  await page.getByRole("menuitem", { name: /rename/i }).click();
  await page.locator("#ask input").fill("renamed by hand.txt");
  await page.locator("#ask input").press("Enter");
  await inCloud(page, "drive", "renamed by hand.txt").waitFor();
  expect(await inCloud(page, "drive", "from the browser.txt").count()).toBe(0);
  expect(complaints).toEqual([]);
});

it.each([
  ["a phone", { viewport: { width: 390, height: 844 } }],
  ["a phone in the dark", { viewport: { width: 390, height: 844 }, colorScheme: "dark" as const }],
  ["a wide screen", { viewport: { width: 1440, height: 900 } }],
])("fits on %s", async (_, options) => {
  const { page, complaints } = await open(options);
  await inCloud(page, "drive", "hello.txt").waitFor();
  // As text: the page's globals are not this program's.
  const overflow = await page.evaluate(
    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
  );
  expect(overflow).toBe(0);
  expect(complaints).toEqual([]);
});
