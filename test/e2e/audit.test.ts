import { describe, expect, it } from "vitest";
import { checkAudit } from "../../src/store/audit-check.ts";
import { asked, type Clouds, openSyncline, type Syncline, startClouds } from "./clouds.ts";

const rowsOf = ({ app: { store } }: Syncline) => store.audit.from({ after: 0, limit: 1_000 });

type Service = keyof typeof asked;
const pairs: readonly (readonly [Service, Service])[] = [
  ["dropbox", "drive"],
  ["drive", "dropbox"],
  ["dropbox", "onedrive"],
];

const twoWay = (from: Service, to: Service) => `
  - { name: docs, from: "${from}:/In", to: "${to}:/Out", mode: two-way, quiet: 0s, guard: { deletes: none } }
`;

/** What people do at one side, in the words of each stand-in. */
function peopleAt({ dropbox, drive }: Clouds, service: Service) {
  if (service === "dropbox") {
    return {
      put: (path: string, content: string) => void dropbox.files.put(`/In/${path}`, content),
      move: (path: string, to: string) => void dropbox.files.move(`/In/${path}`, `/In/${to}`),
      remove: (path: string) => void dropbox.files.delete(`/In/${path}`),
    };
  }
  const folder = drive.files.folder("In");
  const at = (path: string) => drive.files.at(`In/${path}`)[0]?.id ?? "";
  return {
    put(path: string, content: string) {
      const id = at(path);
      if (id) return void drive.files.edit(id, content);
      const [name = "", above] = path.split("/").toReversed();
      const parent = above === undefined ? folder.id : drive.files.folder(`In/${above}`).id;
      drive.files.put(parent, name, content);
    },
    move: (path: string, to: string) =>
      void drive.files.rename(at(path), to.split("/").at(-1) ?? ""),
    remove: (path: string) => void drive.files.trash(at(path)),
  };
}

describe.each(pairs)("%s and %s", (from, to) => {
  it("were asked for as many changes as the audit log has rows", async () => {
    const clouds = await startClouds();
    const syncline = openSyncline(clouds, twoWay(from, to));
    const people = peopleAt(clouds, from);
    const before = asked[to](clouds);
    const strike = (route: string, type: "lost-answer" | "reset") =>
      clouds[to].faults.add({ match: { route }, effect: { type } });
    const busy = { type: "status", status: 503, body: {} } as const;

    for (let n = 1; n <= 12; n++) people.put(`sub${n % 3}/file${n}.txt`, `content ${n}`);
    people.put("large.txt", "x".repeat(6 * 1024 * 1024));
    await syncline.run();
    people.put("sub1/file1.txt", "edited");
    people.put("large.txt", "y".repeat(6 * 1024 * 1024));
    people.move("sub2/file2.txt", "sub2/other.txt");
    people.remove("sub0/file3.txt");
    await syncline.run();

    // Now with faults, one after the other, so that each meets a change.
    const faults = [
      strike(routes[to].folder, "lost-answer"),
      strike(routes[to].upload, "reset"),
      strike(routes[to].move, "lost-answer"),
      strike(routes[to].trash, "reset"),
      clouds[to].faults.add({ match: { route: routes[to].upload, after: 2 }, effect: busy }),
    ];
    people.put("new/one.txt", "one");
    await syncline.run();
    people.put("two.txt", "two");
    people.put("three.txt", "three");
    await syncline.run();
    people.move("two.txt", "2.txt");
    people.remove("three.txt");
    await syncline.run();
    const isShared = to === "dropbox";
    const shared = strike("files/upload_session/finish_batch_v2", "lost-answer");
    for (let n = 1; n <= 6; n++) people.put(`sub0/more${n}.txt`, `more ${n}`);
    await syncline.run();
    const last = await syncline.run();

    expect(last).toMatchObject({ outcome: "in-step", steps: [] });
    expect(faults.slice(0, 4).map((fault) => fault.fired())).toEqual([1, 1, 1, 1]);
    expect(shared.fired()).toBe(isShared ? 1 : 0);
    const rows = rowsOf(syncline).filter(({ account }) => account === to);
    expect(rows).toHaveLength(asked[to](clouds) - before);
    expect(rowsOf(syncline).filter(({ account }) => account === from)).toEqual([]);
    const count = (action: string, result: string) =>
      rows.filter((row) => row.action === action && row.result === result).length;
    expect(count("upload", "ok")).toBe(22);
    expect(count("update", "ok")).toBe(2);
    expect(count("move", "ok") + count("move", "refused")).toBeGreaterThan(1);
    expect(rows.filter(({ result }) => result === "lost").length).toBeGreaterThanOrEqual(4);
    for (const row of rows) expect(row).toMatchObject({ rule: "docs", actor: '{"kind":"engine"}' });
    expect(checkAudit(syncline.app.store.db, { publicKey: null, heads: [] }).problem).toBeNull();
  }, 60_000);
});

const routes: Readonly<
  Record<Service, Readonly<Record<"folder" | "upload" | "move" | "trash", string>>>
> = {
  dropbox: {
    folder: "files/create_folder_v2",
    upload: "files/upload",
    move: "files/move_v2",
    trash: "files/delete_v2",
  },
  drive: {
    folder: "files.create",
    upload: "files.create.upload",
    move: "files.update",
    trash: "files.update",
  },
  onedrive: {
    folder: "folders.create",
    upload: "sessions.create",
    move: "items.update",
    trash: "items.delete",
  },
};
