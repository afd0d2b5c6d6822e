import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../clouds/kit/random.ts";
import { type Clouds, openSyncline, startClouds } from "./clouds.ts";
import { served } from "./realtime.ts";

const rule = `
  - { name: both, from: "drive:/Docs", to: "dropbox:/Docs", mode: two-way, quiet: 0s }
`;

/** What a person does to files of their own at one side. */
interface Hands {
  put(name: string, text: string): void;
  rename(from: string, to: string): void;
  remove(name: string): void;
}

function handsAt({ drive, dropbox }: Clouds): readonly Hands[] {
  const folder = drive.files.folder("Docs").id;
  const idOf = (name: string) => drive.files.at(`Docs/${name}`)[0]?.id ?? "";
  return [
    {
      put(name, text) {
        const id = idOf(name);
        if (id === "") drive.files.put(folder, name, text);
        else drive.files.edit(id, text);
      },
      rename: (from, to) => void drive.files.rename(idOf(from), to),
      remove: (name) => void drive.files.trash(idOf(name)),
    },
    {
      put: (name, text) => void dropbox.files.put(`/Docs/${name}`, text),
      rename: (from, to) => void dropbox.files.move(`/Docs/${from}`, `/Docs/${to}`),
      remove: (name) => dropbox.files.delete(`/Docs/${name}`),
    },
  ];
}

/** Content by name, at each side. */
function driveTree({ drive }: Clouds): Record<string, string> {
  const files = drive.files.tree().filter(({ trashed, kind }) => !trashed && kind === "file");
  return Object.fromEntries(files.map(({ path, id }) => [path, drive.files.readText(id)]));
}

function dropboxTree({ dropbox }: Clouds): Record<string, string> {
  const files = dropbox.files.tree().filter(({ kind }) => kind === "file");
  return Object.fromEntries(
    files.map(({ path }) => [path.slice(1), dropbox.files.read(path).toString("utf8")]),
  );
}

describe("people at both sides, while a fifth of all calls are lost, repeated or late", () => {
  it.each([1, 2])(
    "end with equal trees, what they made, and each version sent once (%i)",
    async (seed) => {
      const clouds = await startClouds();
      const random = seededRandom(seed);
      const hands = handsAt(clouds);
      const syncline = openSyncline(clouds, rule);
      await served(clouds, syncline, { pollMs: 1_000, safetyMs: 3_000 });
      await expect.poll(() => clouds.drive.channels.living.length, { timeout: 20_000 }).toBe(1);
      for (const { caller } of [clouds.drive, clouds.dropbox]) {
        Object.assign(caller.line, { loss: 0.2, repeat: 0.2, delayMs: 500, hurry: 100 });
      }
      const expected: Record<string, string> = {};
      let versions = 0;
      for (let act = 0; act < 120; act++) {
        const side = act % 2;
        const own = Object.keys(expected).filter((name) => name.startsWith(`Docs/${side}-`));
        const old = own[Math.floor(random() * own.length)];
        const kind = random();
        if (old === undefined || kind < 0.6) {
          const path = `Docs/${side}-${act}.txt`;
          expected[path] = `version ${act}`;
          hands[side]?.put(path.slice(5), `version ${act}`);
          versions += 1;
        } else if (kind < 0.75) {
          expected[old] = `edited ${act}`;
          hands[side]?.put(old.slice(5), `edited ${act}`);
          versions += 1;
        } else if (kind < 0.95) {
          const path = `Docs/${side}-${act}.txt`;
          expected[path] = expected[old] ?? "";
          delete expected[old];
          hands[side]?.rename(old.slice(5), path.slice(5));
        } else {
          delete expected[old];
          hands[side]?.remove(old.slice(5));
        }
        await delay(40);
      }
      await expect.poll(() => driveTree(clouds), { timeout: 20_000 }).toEqual(expected);
      await expect.poll(() => dropboxTree(clouds), { timeout: 20_000 }).toEqual(expected);
      await delay(4_000);
      expect(driveTree(clouds)).toEqual(expected);
      expect(dropboxTree(clouds)).toEqual(expected);
      const sent = syncline.app.store.runs
        .log({ limit: 1_000 })
        .filter((step) => (step.do === "upload" || step.do === "update") && step.error === null);
      // Versions that were overtaken before they were seen need not be sent.
      expect(sent.length).toBeLessThanOrEqual(versions);
    },
    90_000,
  );
});
