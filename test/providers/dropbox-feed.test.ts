import { describe, expect, it } from "vitest";
import { createOverlay } from "../../providers/dropbox/overlay.ts";
import { type Instruction, type Lookups, openReplay } from "../../providers/dropbox/replay.ts";
import { rootEntry, rootId, toEntry } from "../../providers/dropbox/translate.ts";
import type { Entry, ItemId } from "../../src/core/entry.ts";
import { createMirror, type Mirror } from "../contract/mirror.ts";

type Put = Extract<Instruction, { ".tag": "file" | "folder" }>;

const hour = "2026-01-02T03:04:05Z";

function paths(path: string) {
  return {
    name: path.slice(path.lastIndexOf("/") + 1),
    path_display: path,
    path_lower: path.toLowerCase(),
  };
}

function file(path: string, id: string, rev = "0123456789") {
  const metadata = { client_modified: hour, server_modified: hour, size: 1, content_hash: "ab" };
  return { ".tag": "file" as const, ...paths(path), id: `id:${id}`, rev, ...metadata };
}

function folder(path: string, id: string) {
  return { ".tag": "folder" as const, ...paths(path), id: `id:${id}` };
}

function deleted(path: string): Instruction {
  return { ".tag": "deleted", ...paths(path) };
}

/** What the mirror holds, as lines such as `/docs/a.txt id:a`. */
function lines(mirror: Mirror, parent = rootId, prefix = ""): string[] {
  return [...mirror.children(parent)]
    .flatMap((entry) => [
      `${prefix}/${entry.name} ${entry.id}`,
      ...lines(mirror, entry.id, `${prefix}/${entry.name}`),
    ])
    .sort();
}

/** A service that knows these items, beside what the pages tell, and these writes of our own. */
function lookups(there: readonly Put[] = [], left: Record<string, Entry | null> = {}) {
  const asked: string[] = [];
  const find = (question: string, isMeant: (item: Put) => boolean) => {
    asked.push(question);
    return there.find(isMeant) ?? null;
  };
  const service: Lookups = {
    folderAt: async (path) => {
      const found = find(path, (item) => item.path_lower === path);
      return found?.[".tag"] === "folder" ? found : null;
    },
    now: async (id) => find(id, (item) => item.id === id),
    left: (id) => left[id],
    hear: () => undefined,
    lose: () => undefined,
  };
  return { ...service, asked };
}

async function replayed(before: readonly Put[], page: readonly Instruction[], service = lookups()) {
  const mirror = createMirror();
  mirror.put(rootEntry);
  mirror.apply({ changes: await openReplay(mirror, lookups())(before) });
  const changes = await openReplay(mirror, service)(page);
  mirror.apply({ changes });
  const gone = changes.flatMap((change) => (change.type === "gone" ? [change.id] : []));
  return { mirror, changes, gone, lines: lines(mirror) };
}

const docs = [
  folder("/Docs", "docs"),
  file("/Docs/a.txt", "a"),
  folder("/Docs/In", "in"),
  file("/Docs/In/b.txt", "b"),
];
const known = ["/Docs id:docs", "/Docs/In id:in", "/Docs/In/b.txt id:b", "/Docs/a.txt id:a"];

describe("replaying a page of the feed", () => {
  const cases: {
    name: string;
    page: Instruction[];
    after: string[];
    gone?: string[];
  }[] = [
    { name: "repeats what is known", page: docs, after: known },
    {
      name: "removes a file",
      page: [deleted("/docs/a.txt")],
      after: known.slice(0, 3),
      gone: ["id:a"],
    },
    {
      name: "removes a folder by itself alone",
      page: [deleted("/Docs")],
      after: [],
      gone: ["id:docs"],
    },
    { name: "ignores the deletion of what is unknown", page: [deleted("/docs/x/y")], after: known },
    {
      name: "replaces a file by another",
      page: [file("/Docs/a.txt", "new")],
      after: [...known.slice(0, 3), "/Docs/a.txt id:new"],
      gone: ["id:a"],
    },
    {
      name: "replaces a folder by a file, with all below it",
      page: [file("/docs/in", "new")],
      after: ["/Docs id:docs", "/Docs/a.txt id:a", "/Docs/in id:new"],
      gone: ["id:in"],
    },
    {
      name: "replaces a folder by a folder, keeping what is below",
      page: [folder("/Docs", "new")],
      after: known.map((line) => line.replace("id:docs", "id:new")),
      gone: ["id:docs"],
    },
    {
      name: "moves a file without a farewell",
      page: [deleted("/docs/a.txt"), file("/c.txt", "a")],
      after: [...known.slice(0, 3), "/c.txt id:a"],
    },
    {
      name: "moves a file that is told before its deletion",
      page: [file("/c.txt", "a"), deleted("/docs/a.txt")],
      after: [...known.slice(0, 3), "/c.txt id:a"],
    },
    {
      name: "moves a folder with its children without a farewell",
      page: [
        deleted("/docs"),
        folder("/Papers", "docs"),
        file("/Papers/a.txt", "a"),
        folder("/Papers/In", "in"),
        file("/Papers/In/b.txt", "b"),
      ],
      after: known.map((line) => line.replace("Docs", "Papers")),
    },
    {
      name: "drops what did not come along with a moved folder",
      page: [deleted("/docs"), folder("/Papers", "docs"), file("/Papers/a.txt", "a")],
      after: ["/Papers id:docs", "/Papers/a.txt id:a"],
      gone: ["id:in"],
    },
    {
      name: "drops what did not come along when the deletion is told last",
      page: [folder("/Papers", "docs"), file("/Papers/a.txt", "a"), deleted("/docs")],
      after: ["/Papers id:docs", "/Papers/a.txt id:a"],
      gone: ["id:in"],
    },
    {
      name: "saves a file that left a folder before the folder went",
      page: [deleted("/docs/in/b.txt"), file("/b.txt", "b"), deleted("/docs")],
      after: ["/b.txt id:b"],
      gone: ["id:docs"],
    },
    {
      name: "keeps a folder that was deleted and made anew, as sharing does",
      page: [deleted("/docs"), ...docs],
      after: known,
    },
    {
      name: "ends with the last of several entries for one path",
      page: [file("/x", "x"), deleted("/x"), folder("/x", "y"), file("/x/z", "z"), deleted("/x/z")],
      after: [...known, "/x id:y"],
    },
    {
      name: "swaps two names",
      page: [
        file("/tmp", "a"),
        file("/docs/a.txt", "b"),
        file("/docs/in/b.txt", "a"),
        deleted("/tmp"),
      ],
      after: ["/Docs id:docs", "/Docs/In id:in", "/Docs/In/b.txt id:a", "/Docs/a.txt id:b"].sort(),
    },
    {
      name: "turns a folder and its child inside out",
      page: [
        deleted("/docs"),
        folder("/In", "in"),
        file("/In/b.txt", "b"),
        folder("/In/Docs", "docs"),
        file("/In/Docs/a.txt", "a"),
      ],
      after: ["/In id:in", "/In/Docs id:docs", "/In/Docs/a.txt id:a", "/In/b.txt id:b"],
    },
  ];
  it.each(cases)("$name", async ({ page, after, gone = [] }) => {
    const result = await replayed(docs, page);
    expect(result.lines).toEqual([...after].sort());
    expect(result.gone).toEqual(gone);
  });

  it("never names an item before its parent", async () => {
    const { changes } = await replayed(docs, [
      file("/x.txt", "x"),
      folder("/New", "new"),
      file("/New/x.txt", "x"),
      deleted("/x.txt"),
    ]);
    const ids = changes.flatMap((change) => (change.type === "put" ? [change.entry.id] : []));
    expect(ids).toEqual(["id:new", "id:x"]);
  });

  it("finds names by Dropbox's own lower case", async () => {
    const lower = "/ασ/ωσσ.txt";
    const before = [
      { ...folder("/ΑΣ", "greek"), path_lower: "/ασ" },
      { ...file("/ΑΣ/ΩΣΣ.txt", "f"), path_lower: lower },
    ];
    const gone = { ".tag": "deleted" as const, name: "ωσσ.txt", path_lower: lower };
    expect((await replayed(before, [gone])).lines).toEqual(["/ΑΣ id:greek"]);
  });
});

describe("what a page does not tell", () => {
  it("asks for a parent that nobody knows, and puts it first", async () => {
    const service = lookups([folder("/Far", "far"), folder("/Far/Away", "away")]);
    const { lines } = await replayed([], [file("/far/away/x.txt", "x")], service);
    expect(lines).toEqual(["/Far id:far", "/Far/Away id:away", "/Far/Away/x.txt id:x"]);
  });

  it("leaves out what is in a folder that is gone again", async () => {
    const { changes } = await replayed([], [file("/far/x.txt", "x")], lookups([]));
    expect(changes).toEqual([]);
  });

  it("asks anew where a path leads through the moved folder itself", async () => {
    const service = lookups([folder("/Docs", "new"), folder("/Docs/In", "in")]);
    const page = [folder("/Docs/In/Docs", "docs"), file("/Docs/In/Docs/a.txt", "a")];
    expect((await replayed(docs, page, service)).lines).toEqual([
      "/Docs id:new",
      "/Docs/In id:in",
      "/Docs/In/Docs id:docs",
      "/Docs/In/Docs/a.txt id:a",
    ]);
  });

  it("goes on from its own last page while the caller has not applied it", async () => {
    const mirror = createMirror();
    mirror.put(rootEntry);
    const replay = openReplay(mirror, lookups());
    const first = await replay([folder("/x", "x"), file("/x/y", "y")]);
    const second = await replay([file("/x/z", "z"), deleted("/x/y")]);
    for (const changes of [first, second]) mirror.apply({ changes });
    expect(lines(mirror)).toEqual(["/x id:x", "/x/z id:z"]);
  });
});

describe("an answer that is older than our own write", () => {
  const ours = (item: Put, parent: ItemId = rootId) => toEntry(item, parent);

  it("does not remove what we wrote where something else was deleted", async () => {
    const written = file("/x.txt", "ours");
    const service = lookups([written], { "id:ours": ours(written) });
    const { gone, lines } = await replayed([written], [deleted("/x.txt")], service);
    expect(gone).toEqual([]);
    expect(lines).toEqual(["/x.txt id:ours"]);
  });

  it("removes what we wrote when it is gone", async () => {
    const written = file("/x.txt", "ours");
    const service = lookups([], { "id:ours": ours(written) });
    expect((await replayed([written], [deleted("/x.txt")], service)).gone).toEqual(["id:ours"]);
  });

  it("removes what we wrote from where it was when somebody moved it on", async () => {
    const written = file("/x.txt", "ours");
    const moved = file("/y.txt", "ours");
    const service = lookups([moved], { "id:ours": ours(written) });
    const { lines } = await replayed([written], [deleted("/x.txt"), moved], service);
    expect(lines).toEqual(["/y.txt id:ours"]);
  });

  it("does not bring back the revision before ours", async () => {
    const written = file("/x.txt", "ours", "000000002");
    const service = lookups([written], { "id:ours": ours(written) });
    const { mirror } = await replayed([written], [file("/x.txt", "ours", "000000001")], service);
    expect(mirror.get("id:ours" as ItemId)?.revision).toBe("000000002");
  });

  it("does not bring back what we trashed", async () => {
    const service = lookups([], { "id:ours": null });
    expect((await replayed([], [file("/x.txt", "ours")], service)).changes).toEqual([]);
  });

  it("asks nothing when the answer shows our write", async () => {
    const written = file("/x.txt", "ours");
    const service = lookups([written], { "id:ours": ours(written) });
    await replayed([], [written], service);
    expect(service.asked).toEqual([]);
  });
});

describe("an overlay", () => {
  it("costs the same for a page into one big folder", async () => {
    const mirror = createMirror();
    mirror.put(rootEntry);
    const page = Array.from({ length: 2000 }, (_, i) => file(`/f${i}.txt`, `f${i}`));
    const before = performance.now();
    await openReplay({ ...mirror, named: () => [] }, lookups())(page);
    expect(performance.now() - before).toBeLessThan(1000);
  });

  it("reads the tree below without changing it", () => {
    const mirror = createMirror();
    mirror.put(rootEntry);
    mirror.put(toEntry(file("/x.txt", "x"), rootId));
    const overlay = createOverlay(mirror);
    overlay.remove("id:x" as ItemId);
    expect(overlay.get("id:x" as ItemId)).toBeNull();
    expect(mirror.get("id:x" as ItemId)).not.toBeNull();
  });
});
