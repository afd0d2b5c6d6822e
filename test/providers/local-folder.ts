import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { openLocal } from "../../providers/local/provider.ts";
import type { ChangePage, Cursor, Entry } from "../../src/core/entry.ts";
import { createContext, createMirror } from "../contract/mirror.ts";

/** A fresh folder as an account, with the tree that its provider was given. */
export async function openFolder(pageSize = 1000) {
  const folder = await mkdtemp(join(tmpdir(), "syncline-local-"));
  const mirror = createMirror();
  const clock = { now: Date.now() };
  const context = createContext(mirror);
  const again = () =>
    openLocal(
      { provider: "local", root: folder },
      {
        ...context,
        clock: { ...context.clock, now: () => clock.now },
        stateFolder: join(folder, "srv/state"),
      },
      { pageSize },
    );
  const provider = again();
  /** `again`: the same account, opened by a process that starts. */
  return { provider, again, folder, mirror, clock, root: (await provider.root()).id };
}

/** A fresh folder with these files (content by path), scanned; gone when the test ends. */
export async function scanned(files: Readonly<Record<string, string>>, pageSize?: number) {
  const opened = await openFolder(pageSize);
  const { provider, folder, mirror, root } = opened;
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = (relative: string) => join(folder, relative);
  const put = async (relative: string, content: string) => {
    await mkdir(join(path(relative), ".."), { recursive: true });
    await writeFile(path(relative), content);
  };
  let cursor: Cursor | null = null;
  /** `meanwhile` happens when the first page was read, `later` at the second, and so on. */
  const scan = async (...meanwhile: (() => Promise<unknown>)[]) => {
    const pages: ChangePage[] = [];
    for await (const page of provider.changes(cursor)) {
      mirror.apply(page);
      cursor = page.next;
      pages.push(page);
      await meanwhile.shift()?.();
    }
    if (meanwhile.length > 0) throw new Error("the scan had fewer pages");
    return pages;
  };
  /** The item that the mirror has at the path. */
  const known = (relative: string): Entry => {
    let found: Entry | undefined;
    for (const name of relative.split("/")) {
      found = mirror.named(found?.id ?? root, name).find((entry) => entry.name === name);
      if (!found) throw new Error(`the mirror has no ${relative}`);
    }
    if (!found) throw new Error("no path");
    return found;
  };
  const paths = (prefix = "", parent = root): string[] =>
    [...mirror.children(parent)]
      .flatMap(({ id, name }) => [prefix + name, ...paths(`${prefix}${name}/`, id)])
      .sort();
  mirror.put(await provider.root());
  for (const [relative, content] of Object.entries(files)) await put(relative, content);
  await scan();
  return {
    ...opened,
    path,
    put,
    scan,
    known,
    /** All paths that the mirror has. */
    paths,
    cursor: () => cursor,
    /** The next scan lists everything anew. */
    forgetCursor: () => {
      cursor = null;
    },
    mv: (from: string, to: string) => rename(path(from), path(to)),
    /** Paths below `.syncline` and everywhere else. */
    onDisk: async () => (await readdir(folder, { recursive: true })).sort(),
  };
}

/** Types and ids in the pages: what a scan told. */
export function told(pages: readonly ChangePage[]): string[] {
  return pages
    .flatMap(({ changes }) => changes)
    .map((change) => (change.type === "put" ? `put ${change.entry.name}` : `gone ${change.id}`));
}
