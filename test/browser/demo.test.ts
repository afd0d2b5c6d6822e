import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from "vitest";
import type { CloudKey } from "../demo/sample-cloud.ts";
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
  await vi.waitFor(() => expect(text).toMatch(/Ctrl-C ends everything/), { timeout: 30_000 });
  address = /All clouds +(\S+)/.exec(text)?.[1] ?? "";
});

afterAll(async () => {
  await browser?.close();
  if (demo?.exitCode !== null) return;
  demo.kill("SIGTERM");
  await once(demo, "close");
});

/** A page with everything that it complained of. */
async function open(options: Parameters<Browser["newContext"]>[0] = {}, path = "") {
  const context = await browser.newContext({ locale: "en-GB", ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("requestfailed", (request) => complaints.push(request.url()));
  await page.goto(address + path);
  return { page, complaints };
}

const inCloud = (page: Page, cloud: CloudKey, name: string) =>
  page.locator(`[data-cloud=${cloud}]`).getByText(name, { exact: true });

/** Lets go of a file over an element, as a mouse does. */
async function drop(page: Page, selector: string, name: string): Promise<void> {
  // As text: the page's globals are not this program's.
  const transfer = await page.evaluateHandle(`{
    const transfer = new DataTransfer();
    transfer.items.add(new File(["dropped"], ${JSON.stringify(name)}, { type: "text/plain" }));
    transfer;
  }`);
  await page.dispatchEvent(selector, "dragover", { dataTransfer: transfer });
  await page.dispatchEvent(selector, "drop", { dataTransfer: transfer });
}

it("brings a file that is dropped on the Dropbox page to the Drive page, while one watches", async () => {
  const [dropbox, drive] = await Promise.all([open({}, "dropbox"), open({}, "drive")]);
  await inCloud(dropbox.page, "dropbox", "hello.txt").waitFor();
  await inCloud(drive.page, "drive", "hello.txt").waitFor();
  await drop(dropbox.page, "[data-cloud=dropbox] .send", "dropped by hand.txt");
  await inCloud(drive.page, "drive", "dropped by hand.txt").waitFor({ timeout: 5_000 });
  const row = drive.page.locator("[data-cloud=drive] .row", { hasText: "dropped by hand.txt" });
  await row.getByText(/^after \d\.\d s$/).waitFor();
  const steps = drive.page.locator(".lines li", { hasText: "dropped by hand.txt" });
  await steps
    .getByText(/verified after \d\.\d s/)
    .first()
    .waitFor();
  await row.getByText("The same in Dropbox").waitFor({ state: "attached" });
  expect([...dropbox.complaints, ...drive.complaints]).toEqual([]);
});

it("sends a photo for those who have no file at hand, to both other clouds", async () => {
  const { page, complaints } = await open();
  await inCloud(page, "onedrive", "hello.txt").waitFor();
  await page.getByLabel("Add a sample photo to Photos in OneDrive").click();
  for (const cloud of ["onedrive", "dropbox", "drive"] as const) {
    await inCloud(page, cloud, "the harbour.png").waitFor();
  }
  expect(complaints).toEqual([]);
});

it.each(["", "dropbox", "drive", "onedrive"])(
  "names all that can be pressed, at /%s",
  async (path) => {
    const { page } = await open({}, path);
    await page.locator(".cloud:visible .more").first().waitFor();
    const controls = await page.locator("a:visible, button:visible, summary:visible").all();
    expect(controls.length).toBeGreaterThan(15);
    const names = await Promise.all(controls.map((each) => each.ariaSnapshot()));
    for (const name of names) expect(name).toMatch(/"[^"]+"|: \S/);
    const ids = await page.locator("[id]").evaluateAll((all) => all.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
  },
);

it("shows a file that a person uploads by keyboard to Dropbox arrive in Drive", async () => {
  const { page, complaints } = await open();
  await inCloud(page, "drive", "hello.txt").waitFor();
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    page.getByLabel("Upload to Photos in Dropbox").press("Enter"),
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
  const overflow = await page.evaluate(
    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
  );
  expect(overflow).toBe(0);
  expect(complaints).toEqual([]);
});

it("shows all clouds and the steps at once on a wide screen, without scrolling the page", async () => {
  const { page } = await open({ viewport: { width: 1440, height: 700 } });
  await inCloud(page, "onedrive", "hello.txt").waitFor();
  const overflow = await page.evaluate(
    "document.documentElement.scrollHeight - document.documentElement.clientHeight",
  );
  expect(overflow).toBe(0);
});
