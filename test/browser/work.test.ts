import { existsSync, readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadKey } from "../../src/store/key.ts";
import { openStore, stateFile } from "../../src/store/open.ts";
import { buildProgram } from "../cli/helpers.ts";
import { paintPng } from "../demo/pictures.ts";
import { startClouds } from "../e2e/clouds.ts";
import { launchChromium } from "./chromium.ts";
import { accounts, config, open, serving, setUp, soon, violations } from "./grounds.ts";

let browser: Browser;

beforeAll(async () => {
  buildProgram();
  browser = await launchChromium();
});
afterAll(() => browser?.close());

/** Runs when it is asked to, so that both sides of a conflict can be written. */
const byHand = config.replace("quiet: 0s", "quiet: 0s, on: manual");

const picture = (width: number, height: number) =>
  paintPng({
    width,
    height,
    seed: width,
    colours: {
      sky: [90, 150, 210],
      horizon: [240, 200, 160],
      sun: [255, 240, 200],
      hills: [40, 80, 60],
    },
  });

/** On a desk and on a phone, in the light and in the dark: nothing is wrong for anybody, and nothing is too wide. */
async function isForEverybody(page: Page, name: string): Promise<void> {
  for (const [width, height, colorScheme] of [
    [1240, 800, "light"],
    [390, 844, "dark"],
  ] as const) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme });
    const shots = process.env.SYNCLINE_SHOTS;
    if (shots) await page.screenshot({ path: `${shots}/${name}-${width}.png` });
    expect(await violations(page), `${name}, ${width}`).toEqual([]);
    const wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
    expect(wide, `${name}, ${width}`).toBeLessThanOrEqual(0);
  }
  await page.setViewportSize({ width: 1240, height: 800 });
  await page.emulateMedia({ colorScheme: "light" });
}

/** How long the API takes for what pages ask of it, in milliseconds: the 95th percentile, as the page sees it. */
const askMany = `(async () => {
  const took = [];
  for (let round = 0; round < 20; round += 1) {
    for (const path of ["rules", "rules/photos", "review", "runs?rule=photos", "activity?limit=200"]) {
      const startedMs = performance.now();
      await (await fetch("api/v1/" + path)).text();
      took.push(performance.now() - startedMs);
    }
  }
  took.sort((a, b) => a - b);
  return took[Math.ceil(took.length * 0.95) - 1];
})()`;

describe("transfers", () => {
  it("are watched to their end, while the API answers and a plan waits for them", async () => {
    const clouds = await startClouds({ latencyMs: 40 });
    const rule = "\n  - { name: photos, from: dropbox:/Photos, to: left:/Photos, on: manual }\n";
    const folders = "  left: { provider: local, root: left }\nrules:";
    const yaml = Object.entries(clouds.env).reduce(
      (text, [name, value]) => text.replace(`$${name}`, value),
      clouds.yaml(rule).replace("rules:", folders),
    );
    const { address, code, path } = await serving(yaml);
    for (let at = 1; at <= 8; at += 1) {
      clouds.dropbox.files.put(`/Photos/${at}.raw`, { sizeBytes: 4_000_000, seed: at });
    }
    clouds.dropbox.network.downloadBytesPerSecond = 400_000;
    const { page, complaints } = await open(browser, address);
    await setUp(page, code);
    await page.getByRole("link", { name: /^photos/ }).click();
    await page.getByRole("button", { name: "Run now" }).click();
    const bar = page.getByRole("progressbar", { name: "3.raw" });
    await bar.waitFor(soon);
    const part = async () => Number(await bar.getAttribute("aria-valuenow"));
    const before = await part();
    await expect.poll(part, soon).toBeGreaterThan(before);
    const moving = page.getByRole("listitem").filter({ has: bar });
    await moving.getByText(/of 3\.8 MiB · [\d.]+ [KM]iB\/s, \d+ s left/).waitFor();
    const slowestMs = Math.round(Number(await page.evaluate(askMany)));
    console.log(
      `8 transfers under way: the API answers within ${slowestMs} ms at the 95th percentile`,
    );
    // 200 ms is what it is to be on a machine that does nothing else.
    expect(slowestMs).toBeLessThan(1_500);
    await page.getByRole("button", { name: "Plan", exact: true }).click();
    await page.getByText("The plan comes when it is over.").waitFor();
    await isForEverybody(page, "transfers");
    await page.getByRole("dialog").getByText("there is nothing to do").waitFor({ timeout: 40_000 });
    await page.keyboard.press("Escape");
    expect(await page.getByRole("progressbar").count()).toBe(0);
    await page.getByText("manual", { exact: true }).click();
    await page.getByText("copied to left").nth(7).waitFor();
    await page.getByText("8 files copied, 30.5 MiB").waitFor();
    await page.getByText("As a table").click();
    await page.getByRole("row", { name: /8 30\.5 MiB 0/ }).waitFor();
    await isForEverybody(page, "rule");

    // What undoing it would do is shown first, and can be left at that.
    await page.getByRole("button", { name: "Undo…" }).click();
    const dialog = page.getByRole("dialog", { name: "Undo this run" });
    await dialog.getByText("move to the trash in left · run 1 made it").waitFor();
    expect(existsSync(path("left/Photos/3.raw"))).toBe(true);
    await dialog.getByRole("button", { name: "Undo this run" }).click();
    await expect.poll(() => existsSync(path("left/Photos/3.raw")), soon).toBe(false);
    expect(complaints).toEqual([]);
  }, 120_000);
});

describe("a conflict", () => {
  it("is decided after a look at what differs, in words and in pictures", async () => {
    const { address, code, path, write } = await serving(byHand);
    const { page, complaints } = await open(browser, address);
    await setUp(page, code);
    const lines = Array.from({ length: 40 }, (_, at) => `line ${at}`);
    write("left/notes.txt", lines.join("\n"));
    write("right/notes.txt", lines.with(20, "another line").join("\n"));
    write("left/sun.png", picture(120, 80));
    write("right/sun.png", picture(60, 90));
    write("left/tool.bin", new Uint8Array([0, 1, 2]));
    write("right/tool.bin", new Uint8Array([0, 2, 2, 2]));
    write("left/page.svg", "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>");
    write("right/page.svg", "<svg/>");
    await page.getByRole("link", { name: /^docs/ }).click();
    await page.getByRole("button", { name: "Run now" }).click();
    await page.getByRole("link", { name: /Review 4/ }).click();
    const card = (name: string) => page.getByRole("listitem").filter({ hasText: name }).first();
    const notes = card("notes.txt");
    await notes.getByRole("button", { name: "What differs" }).click();
    const table = notes.getByRole("table", { name: "What differs in notes.txt" });
    await table.getByRole("row", { name: "21 only left line 20", exact: false }).waitFor();
    await table.getByRole("row", { name: "only right another line", exact: false }).waitFor();
    await table.getByText("17 lines the same").waitFor();
    expect(await table.getByText("line 39").count()).toBe(0);
    const sun = card("sun.png");
    await sun.getByRole("button", { name: "Both pictures" }).click();
    await sun.getByText("120 × 80").waitFor();
    await sun.getByText("60 × 90").waitFor();
    await card("tool.bin").getByRole("button", { name: "What differs" }).click();
    await card("tool.bin").getByText("They are no text").waitFor();
    // What could hold a script is text here, whatever its name.
    await card("page.svg").getByRole("button", { name: "What differs" }).click();
    await card("page.svg").getByRole("table").waitFor();
    expect(await page.getByRole("img").count()).toBe(2);
    await isForEverybody(page, "conflicts");

    // By the keyboard alone.
    await page.getByLabel("Choose tool.bin").focus();
    await page.keyboard.press("Space");
    await page.getByLabel("Choose page.svg").focus();
    await page.keyboard.press("Space");
    await page.getByText("2 conflicts chosen").waitFor();
    await page.getByRole("button", { name: "Keep right" }).first().focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => readFileSync(path("left/tool.bin")).length, soon).toBe(4);
    await expect.poll(() => readFileSync(path("left/page.svg"), "utf8"), soon).toBe("<svg/>");
    await page.getByText("2 conflicts", { exact: true }).waitFor();
    await sun.getByRole("button", { name: "Keep both" }).click();
    await notes.getByRole("button", { name: "Keep left" }).click();
    await page.getByText("Nothing waits for you").waitFor();
    expect(readFileSync(path("right/notes.txt"), "utf8")).toContain("line 20");
    expect(complaints).toEqual([]);
  });

  it("whose version has moved on is not shown and not decided", async () => {
    const { address, code, path, write } = await serving(byHand);
    const { page } = await open(browser, address);
    await setUp(page, code);
    write("left/a.txt", "left");
    write("right/a.txt", "the right one");
    await page.getByRole("link", { name: /^docs/ }).click();
    await page.getByRole("button", { name: "Run now" }).click();
    await page.getByRole("link", { name: /Review 1/ }).click();
    await page.getByRole("heading", { name: "1 conflict" }).waitFor();
    write("right/a.txt", "nobody has seen this");
    await page.getByRole("button", { name: "What differs" }).click();
    await page.getByRole("alert").getByText("has changed since conflict").waitFor();
    expect(await page.getByRole("table").count()).toBe(0);
    expect(readFileSync(path("right/a.txt"), "utf8")).toBe("nobody has seen this");
  });
});

describe("removals that are held", () => {
  it("are looked at as a tree, however many, and approved as shown", async () => {
    const rule = "  - { name: docs, from: left:/, to: right:/, mode: mirror, quiet: 0s }\n";
    const { address, code, path, write } = await serving(`${accounts}rules:\n${rule}`);
    const { page, complaints } = await open(browser, address);
    const folders = [
      "keep",
      "old/2019",
      "old/2020",
      ...Array.from({ length: 40 }, (_, at) => `f${at}`),
    ];
    for (const [at, folder] of folders.entries()) {
      const names = Array.from(
        { length: folder.startsWith("old") ? 150 : 5 },
        (_, n) => `${n}.txt`,
      );
      for (const name of names) write(`right/${folder}/${name}`, `${at}`);
    }
    write("left/keep/0.txt", "0");
    await setUp(page, code);
    await page.getByRole("link", { name: /Review 1/ }).click();
    const tree = page.getByRole("tree", { name: "What is held of docs" });
    // What was written while it was looked at is held anew with the rest.
    await page.getByText("504 of").waitFor();
    // By the keyboard alone, to the last file of the last folder.
    await tree.getByRole("treeitem").first().focus();
    await page.keyboard.press("End");
    await page.locator(":focus", { hasText: "303 items" }).waitFor();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowRight");
    for (let n = 0; n < 30; n += 1) await page.keyboard.press("PageDown");
    await tree.getByText("149.txt").first().waitFor();
    // Of all of them no more is there than is near the view.
    expect(await tree.getByRole("treeitem").count()).toBeLessThan(80);
    await isForEverybody(page, "held");
    await page.getByRole("button", { name: "Remove them" }).click();
    await page.getByText("Nothing waits for you").waitFor({ timeout: 40_000 });
    await expect.poll(() => existsSync(path("right/old")), soon).toBe(false);
    expect(existsSync(path("right/keep/0.txt"))).toBe(true);
    expect(complaints).toEqual([]);
  }, 60_000);
});

/** So many steps more in the log of a program that runs. */
function log(data: string, count: number): void {
  const store = openStore({ file: stateFile(data), key: loadKey({}, data), now: Date.now });
  store.transaction(() => {
    for (let at = 1; at <= count; at += 1) {
      const error = at % 100 === 0 ? "the disk is full" : null;
      const what = { do: "upload", side: "to", bytes: at, why: "it is new", error } as const;
      const path = `Invoices/${2000 + (at % 25)}/file ${at}.pdf`;
      store.runs.record({
        run: 1,
        rule: "docs",
        path,
        fromPath: null,
        unit: null,
        effect: null,
        ...what,
      });
    }
  });
  store.close();
}

/** Scrolls to the end as fast as frames come; what held the page up meanwhile, in milliseconds. */
const scrollThrough = `new Promise((resolve) => {
  const long = [];
  const watcher = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) long.push(duration);
  });
  watcher.observe({ type: "longtask" });
  const startedMs = performance.now();
  let frames = 0;
  let still = 0;
  const step = () => {
    frames += 1;
    const before = scrollY;
    scrollBy(0, 900);
    still = scrollY === before ? still + 1 : 0;
    if (still < 60 && performance.now() - startedMs < 40_000) return requestAnimationFrame(step);
    watcher.disconnect();
    resolve({ frames, tookMs: performance.now() - startedMs, long });
  };
  step();
})`;

describe("the activity", () => {
  it("scrolls through ten thousand steps, follows what happens, and finds", async () => {
    const { address, code, path, write } = await serving(config);
    const { page, complaints } = await open(browser, address);
    await setUp(page, code);
    log(path("data"), 10_000);
    await page.getByRole("link", { name: "Activity" }).click();
    const feed = page.getByRole("feed");
    await feed.getByText("file 9999.pdf").waitFor();
    const { frames, tookMs, long } = (await page.evaluate(scrollThrough)) as {
      frames: number;
      tookMs: number;
      long: number[];
    };
    const worst = Math.round(Math.max(0, ...long));
    const share = Math.round((100 * long.reduce((sum, ms) => sum + ms, 0)) / tookMs);
    console.log(
      `10,000 steps: ${frames} frames, tasks over 50 ms: ${long.length}, worst ${worst} ms, ${share} % of the time`,
    );
    // Smooth on an idle machine is none at all; this one may be busy with other tests.
    expect(worst).toBeLessThan(1_000);
    expect(share).toBeLessThan(60);
    await feed.getByText("file 1.pdf").waitFor();
    await page.getByText("10,000 steps").waitFor();
    expect(await feed.getByRole("article").count()).toBeLessThan(80);

    write("left/a new one.txt", "1");
    write("left/another.txt", "2");
    await page.getByRole("button", { name: "2 new" }).click();
    await feed.getByText("copied to right").first().waitFor();
    await feed.getByText("a new one.txt").waitFor();

    await page.getByLabel("Search").fill("file 77");
    await page.getByText("111 steps").waitFor();
    await page.getByLabel("Result").selectOption("Failed");
    await page.getByText("could not copy to right").first().waitFor();
    await page.getByText("1 step", { exact: true }).waitFor();
    await page.getByLabel("Result").selectOption("All");
    await page.getByLabel("Search").fill("another");
    await page.getByText("1 step", { exact: true }).waitFor();
    await isForEverybody(page, "activity");

    // By the keyboard alone: the last of all, the first, and its story.
    await page.getByLabel("Search").fill("");
    await page.getByText("file 9999.pdf").waitFor();
    await feed.getByRole("button").first().focus();
    await page.keyboard.press("End");
    await expect.poll(() => page.evaluate("document.activeElement.dataset.row")).toBe("199");
    await page.keyboard.press("Home");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").getByText("both sides agree").waitFor();
    await isForEverybody(page, "story");
    expect(complaints).toEqual([]);
  }, 90_000);
});
