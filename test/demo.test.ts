import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { changesBetween } from "./demo/changes.ts";
import type { CloudKey, Item } from "./demo/sample-cloud.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const running: ChildProcess[] = [];

beforeAll(async () => {
  await promisify(execFile)(process.execPath, [".config/build.mjs", "--if-stale"], { cwd: root });
});

// Asked to end, not killed: a demo takes its Syncline with it.
afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null) continue;
    child.kill("SIGTERM");
    await once(child, "close");
  }
});

/** Starts the demo as it is built. */
function start(...args: string[]) {
  const child = spawn(process.execPath, ["dist/demo.js", ...args], { cwd: root });
  running.push(child);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
    });
  }
  return {
    child,
    text: () => text,
    /** Its exit code. */
    end: async () => (await once(child, "close"))[0] as number | null,
    folder: () => /^(\/.*syncline-demo-[^/]+)\/syncline\.yaml$/m.exec(text)?.[1] ?? "none printed",
  };
}

describe("demo --once", () => {
  it("ends with 0 when all clouds hold what people did in two of them, and leaves nothing behind", async () => {
    const demo = start("--once");
    expect(await demo.end(), demo.text()).toBe(0);
    expect(demo.text()).toMatch(/trevi 🌊\.png arrived after/);
    expect(demo.text()).toMatch(/From Dropbox\/Rome is now From Dropbox\/Rome 2026\/ after/);
    expect(demo.text()).toMatch(/OneDrive +✓ Photos\/Rome is now Photos\/Rome 2026\/ after/);
    expect(demo.text()).toMatch(/Drive +✓ .*where we ate\.md has the new content after/);
    expect(demo.text()).toMatch(/Dropbox +✓ .*next time\.md arrived after/);
    expect(demo.text()).toMatch(/Drive +✓ From Dropbox\/.*next time\.md arrived after/);
    expect(demo.text()).toMatch(/backup: both sides agree, 9 files compared, 9 by hash/);
    expect(demo.text()).toMatch(/team: both sides agree, 9 files compared, 9 by hash/);
    expect(demo.text()).toMatch(/8 files into Dropbox +8 +16 +0 /);
    expect(demo.text()).toMatch(/a folder renamed +0 +0 +2 +0 B/);
    expect(demo.text()).toMatch(/a file edited +0 +2 +0 /);
    expect(existsSync(demo.folder())).toBe(false);
    // In real time: every service promises to call, and does.
    for (const promise of [/webhook is entered/, /channel is open/, /subscription was validated/]) {
      expect(demo.text()).toMatch(promise);
    }
    const [, ...calls] =
      /Dropbox (\d+), Google Drive (\d+), OneDrive (\d+)/.exec(demo.text()) ?? [];
    expect(calls.filter((count) => Number(count) > 0)).toHaveLength(3);
    // By looking alone, every 30 seconds, it would take longer.
    const took = [...demo.text().matchAll(/ after ([\d.]+) s$/gm)].map(([, text]) => Number(text));
    expect(took.length).toBeGreaterThan(20);
    expect(Math.max(...took)).toBeLessThan(10);
  });

  it("fails with 1 when Syncline ends under it", async () => {
    const demo = start("--once");
    await vi.waitFor(() => expect(demo.text()).toMatch(/process \d+\n/), { timeout: 20_000 });
    process.kill(Number(/process (\d+)\n/.exec(demo.text())?.[1]), "SIGKILL");
    expect(await demo.end(), demo.text()).toBe(1);
    expect(demo.text()).toMatch(/Syncline ended by itself \(SIGKILL\)/);
    expect(existsSync(demo.folder())).toBe(false);
  });

  it("refuses what it does not know with 2", async () => {
    const demo = start("--twice");
    expect(await demo.end()).toBe(2);
    expect(demo.text()).toMatch(/--once/);
  });
});

describe("the demo's page", () => {
  it("brings what a person does in Dropbox to the others and back, and ends on Ctrl-C", async () => {
    const demo = start("--port", "0");
    await vi.waitFor(() => expect(demo.text()).toMatch(/Ctrl-C ends everything/), {
      timeout: 20_000,
    });
    const person = personAt(/All clouds +(\S+)\/\n/.exec(demo.text())?.[1] ?? "");

    const photos = await person.item("dropbox", "Photos");
    await person.ask(
      `dropbox/files?parent=${photos.id}&path=new/a%20letter.txt`,
      "PUT",
      "Dear all",
    );
    const letter = await person.item("dropbox", "Photos/new/a letter.txt");
    const copy = await person.item("drive", "From Dropbox/new/a letter.txt");
    expect(copy.contentHash).toBe(letter.contentHash);

    const shared = await person.item("onedrive", "Photos/new/a letter.txt");
    expect(shared.contentHash).toBe(letter.contentHash);

    await person.ask(`dropbox/items/${letter.id}`, "PATCH", JSON.stringify({ name: "b.txt" }));
    expect((await person.item("drive", "From Dropbox/new/b.txt")).id).toBe(copy.id);

    const says = (address: string, text: string) =>
      vi.waitFor(async () => expect(await person.ask(address)).toBe(text), { timeout: 10_000 });
    await person.ask(`dropbox/items/${letter.id}/content`, "PUT", "Dear both");
    await says(`drive/items/${copy.id}/content`, "Dear both");
    await says(`onedrive/items/${shared.id}/content`, "Dear both");

    await person.ask(`onedrive/items/${shared.id}/content`, "PUT", "Dear all again");
    await says(`dropbox/items/${letter.id}/content`, "Dear all again");
    await says(`drive/items/${copy.id}/content`, "Dear all again");

    demo.child.kill("SIGINT");
    expect(await demo.end(), demo.text()).toBe(0);
    expect(existsSync(demo.folder())).toBe(false);
  });

  it("does nothing for another site, and says why it refuses a person", async () => {
    const demo = start("--port", "0");
    await vi.waitFor(() => expect(demo.text()).toMatch(/in a browser: +\S+\n/), {
      timeout: 20_000,
    });
    const origin = /in a browser: +(\S+)\n/.exec(demo.text())?.[1] ?? "";
    const folder = (headers: Record<string, string>) =>
      fetch(`${origin}/api/dropbox/folders`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify({ parent: null, name: "Mine" }),
      });
    expect((await folder({ "sec-fetch-site": "cross-site" })).status).toBe(403);
    expect((await folder({})).status).toBe(204);
    const again = await folder({});
    expect(again.status).toBe(409);
    expect(await again.json()).toEqual({ message: "There is already something of that name." });
  });
});

/** What the page's script does. */
function personAt(origin: string) {
  async function ask(path: string, method = "GET", body?: string): Promise<string> {
    const headers = { "content-type": "application/json" };
    const init = body === undefined ? { method } : { method, headers, body };
    const answer = await fetch(`${origin}/api/${path}`, init);
    const text = await answer.text();
    expect(answer.ok, text).toBe(true);
    return text;
  }
  return {
    ask,
    /** Waits until it is there. */
    item: (cloud: CloudKey, path: string) =>
      vi.waitFor(
        async () => {
          const items = JSON.parse(await ask(`${cloud}/items`)) as Item[];
          const found = items.find((item) => item.path === path);
          if (!found) throw new Error(`no ${path} in ${cloud}`);
          return found;
        },
        { timeout: 10_000 },
      ),
  };
}

describe("changesBetween", () => {
  const folder = item("1", null, "a", null);
  const file = item("2", "1", "a/x", "hash 1");

  it.each([
    { name: "a new file", before: [folder], after: [folder, file], expected: ["added a/x"] },
    {
      name: "a renamed folder alone, not what it holds",
      before: [folder, file],
      after: [item("1", null, "b", null), item("2", "1", "b/x", "hash 1")],
      expected: ["moved b"],
    },
    {
      name: "a removed folder alone, not what it held",
      before: [folder, file],
      after: [],
      expected: ["removed a"],
    },
    {
      name: "a file that was renamed and edited",
      before: [folder, file],
      after: [folder, item("2", "1", "a/y", "hash 2")],
      expected: ["moved a/y", "edited a/y"],
    },
    { name: "nothing", before: [folder, file], after: [folder, file], expected: [] },
  ])("tells of $name", ({ before, after, expected }) => {
    const told = changesBetween(before, after).map(({ type, item }) => `${type} ${item.path}`);
    expect(told).toEqual(expected);
  });
});

function item(id: string, parent: string | null, path: string, contentHash: string | null): Item {
  return {
    id,
    parent,
    path,
    name: path.slice(path.lastIndexOf("/") + 1),
    kind: contentHash === null ? "folder" : "file",
    sizeBytes: contentHash === null ? null : 1,
    modifiedAt: null,
    contentHash,
  };
}
