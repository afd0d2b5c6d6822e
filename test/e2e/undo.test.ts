import { describe, expect, it } from "vitest";
import { previewUndo, undoJob } from "../../src/engine/undo.ts";
import { type Clouds, openSyncline, type Syncline, startClouds } from "./clouds.ts";

const rule = (mode: string, from: string, to: string) => `
  - name: docs
    from: ${from}
    to: ${to}
    mode: ${mode}
    quiet: 0s
    guard: { deletes: none }
`;

/** Paths of files and folders (ending in `/`) below the rule's folder, with the bytes of files. */
const contents = {
  dropbox({ dropbox }: Clouds): Record<string, string | null> {
    const below = dropbox.files.tree().filter(({ path }) => path.startsWith("/Docs/"));
    return Object.fromEntries(
      below.map(({ path, kind }) =>
        kind === "folder"
          ? [`${path.slice(6)}/`, null]
          : [path.slice(6), dropbox.files.read(path).toString()],
      ),
    );
  },
  drive({ drive }: Clouds): Record<string, string | null> {
    const below = drive.files
      .tree()
      .filter(({ path, trashed }) => !trashed && path.startsWith("Docs/"));
    return Object.fromEntries(
      below.map(({ path, kind, id }) =>
        kind === "folder" ? [`${path.slice(5)}/`, null] : [path.slice(5), drive.files.readText(id)],
      ),
    );
  },
};
const both = (clouds: Clouds) => ({
  dropbox: contents.dropbox(clouds),
  drive: contents.drive(clouds),
});

/** What people do at one service. */
function hands(clouds: Clouds, at: "dropbox" | "drive") {
  const { dropbox, drive } = clouds;
  if (at === "dropbox") {
    const root = (path: string) => `/Docs/${path}`;
    return {
      put: (path: string, text: string) => void dropbox.files.put(root(path), text),
      move: (from: string, to: string) => void dropbox.files.move(root(from), root(to)),
      trash: (path: string) => dropbox.files.delete(root(path)),
    };
  }
  const one = (path: string) => {
    const [found] = drive.files.at(`Docs/${path}`).filter(({ trashed }) => !trashed);
    if (!found) throw new Error(`there is no ${path}`);
    return found.id;
  };
  const folderOf = (path: string) => {
    const above = path.split("/").slice(0, -1).join("/");
    return drive.files.folder(above === "" ? "Docs" : `Docs/${above}`).id;
  };
  const nameOf = (path: string) => path.split("/").at(-1) ?? path;
  return {
    put(path: string, text: string) {
      const [known] = drive.files.at(`Docs/${path}`);
      if (known) drive.files.edit(known.id, text);
      else drive.files.put(folderOf(path), nameOf(path), text);
    },
    move(from: string, to: string) {
      const id = one(from);
      drive.files.move(id, folderOf(to));
      drive.files.rename(id, nameOf(to));
    },
    trash: (path: string) => void drive.files.trash(one(path)),
  };
}

const options = ({ app }: Syncline, undoes: number) => ({
  undoes,
  signal: new AbortController().signal,
  apiCalls: app.apiCalls,
});

function jobOf({ app }: Syncline) {
  const [job] = app.config.rules.flatMap((each) => app.jobsOf(each));
  if (!job) throw new Error("there is no rule");
  return job;
}

describe.each([
  { from: "dropbox", to: "drive" },
  { from: "drive", to: "dropbox" },
] as const)("undo, from $from to $to", ({ from, to }) => {
  it.each(["mirror", "two-way"] as const)(
    "takes a run of %s back, in another process",
    async (mode) => {
      const clouds = await startClouds();
      clouds.dropbox.files.mkdir("/Docs");
      clouds.drive.files.folder("Docs");
      const person = hands(clouds, from);
      for (const name of ["a", "b", "c", "d/1", "d/e/2", "k/1"]) person.put(name, `the ${name}`);
      const locations = [`${from}:/Docs`, `${to}:/Docs`] as const;
      const open = () => openSyncline(clouds, rule(mode, ...locations));
      const first = open();
      expect((await first.run()).errors).toEqual([]);
      expect(contents[to](clouds)).toEqual(contents[from](clouds));

      person.put("a", "the a, edited");
      person.move("b", "k/b");
      person.move("k", "kk");
      person.put("new/f", "the new f");
      person.trash("c");
      person.trash("d");
      const before = both(clouds);
      expect((await first.run()).errors).toEqual([]);
      expect(contents[to](clouds)).toEqual(contents[from](clouds));
      const run = first.app.store.runs.lastToUndo("docs")?.id ?? 0;
      await first.close();

      const second = open();
      const { context } = second.app;
      const shown = await previewUndo(jobOf(second), context, options(second, run));
      expect(shown.steps.filter((step) => step.do === "skip")).toEqual([]);
      const report = await undoJob(jobOf(second), context, options(second, run));
      expect(report.errors).toEqual([]);
      expect(report.steps.filter((step) => step.do === "skip")).toEqual([]);
      expect(both(clouds)).toEqual(before);

      const next = await second.run();
      expect(next.errors).toEqual([]);
      const restored = next.steps.map(({ path }) => path).toSorted();
      expect(restored).toEqual(mode === "two-way" ? ["c", "d", "d/1", "d/e", "d/e/2"] : []);
      expect((await second.run()).steps).toEqual([]);
      if (mode === "mirror") expect(both(clouds)).toEqual(before);
      await second.close();

      const third = open();
      const again = await undoJob(jobOf(third), third.app.context, options(third, report.run ?? 0));
      expect(again.errors).toEqual([]);
      expect(contents[to](clouds)).toMatchObject({
        a: "the a, edited",
        "new/f": "the new f",
        "kk/b": "the b",
      });
      expect((await third.run()).steps).toEqual([]);
    },
  );
});
