import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { openDropbox } from "../../providers/dropbox/provider.ts";
import { openGoogleDrive } from "../../providers/google-drive/provider.ts";
import { openOneDrive } from "../../providers/onedrive/provider.ts";
import type { Change, Cursor, Entry, ItemId } from "../../src/core/entry.ts";
import { ProviderError } from "../../src/core/error.ts";
import type { Provider, ProviderContext } from "../../src/core/provider.ts";
import { withSound } from "../../src/layers/sound.ts";
import { text } from "../contract/bytes.ts";
import { failure, follow, gather } from "../contract/harness.ts";
import { createContext, createMirror, type Mirror } from "../contract/mirror.ts";
import { settingsFor, startCloud } from "../providers/dropbox-bench.ts";
import { startDrive } from "../providers/google-drive-bench.ts";
import { startOneDrive } from "../providers/onedrive-bench.ts";
import { holds, hostile } from "./fuzz.ts";
import { type Mutation, mutated, mutation } from "./mutation.ts";

/**
 * Answers of the stand-ins, altered on their way to the adapters: whatever comes, an adapter gives what is right or a
 * `ProviderError`, ends, and takes no item for gone of which nobody said so.
 */

interface Service {
  readonly open: (context: ProviderContext) => Provider;
  readonly mirror: Mirror;
  readonly file: ItemId;
  readonly folder: ItemId;
  /** From before the newest changes, by which `lost` went. */
  readonly since: Cursor;
  readonly lost: ItemId;
}

/** How a service's people change what is there. */
interface Files {
  readonly put: (folder: string, name: string) => { readonly id: string };
  readonly mkdir: (name: string) => { readonly id: string };
  readonly rename: (file: string, name: string) => unknown;
  readonly trash: (file: string) => unknown;
}

const services: readonly (readonly [string, () => Promise<Service>])[] = [
  [
    "dropbox",
    async () => {
      const cloud = await startCloud();
      onTestFinished(() => cloud.close());
      const { files } = cloud;
      const paths = new Map<string, string>();
      const kept = (path: string, { id }: { readonly id: string }) => {
        paths.set(id, path);
        return { id };
      };
      const pathOf = (id: string) => paths.get(id) ?? "";
      return populated((context) => openDropbox(settingsFor(cloud), context), {
        mkdir: (name) => kept(`/${name}`, files.mkdir(`/${name}`)),
        put: (folder, name) => {
          const path = `${pathOf(folder)}/${name}`;
          return kept(path, files.put(path, name));
        },
        rename: (id, name) => files.move(pathOf(id), `/${name}`),
        trash: (id) => files.delete(pathOf(id)),
      });
    },
  ],
  [
    "google-drive",
    async () => {
      const { cloud, settings } = await startDrive();
      const { files } = cloud;
      return populated((context) => openGoogleDrive(settings, context), {
        mkdir: (name) => files.mkdir("root", name),
        put: (folder, name) => files.put(folder, name, name),
        rename: (id, name) => files.rename(id, name),
        trash: (id) => files.trash(id),
      });
    },
  ],
  [
    "onedrive",
    async () => {
      const { cloud, settings } = await startOneDrive();
      const { files } = cloud;
      const paths = new Map<string, string>();
      const kept = (path: string, { id }: { readonly id: string }) => {
        paths.set(id, path);
        return { id };
      };
      const pathOf = (id: string) => paths.get(id) ?? "";
      return populated((context) => openOneDrive(settings, context), {
        mkdir: (name) => kept(name, files.mkdir(name)),
        put: (folder, name) => {
          const path = `${pathOf(folder)}/${name}`;
          return kept(path, files.put(path, name));
        },
        rename: (id, name) => files.rename(pathOf(id), name),
        trash: (id) => files.trash(pathOf(id)),
      });
    },
  ],
];

async function populated(open: Service["open"], files: Files): Promise<Service> {
  const mirror = createMirror();
  const bare = open(createContext(mirror));
  const folder = files.mkdir("docs").id;
  const file = files.put(folder, "a.txt").id;
  const renamed = files.put(folder, "b.txt").id;
  const lost = files.put(folder, "c.txt").id;
  const since = await follow({ bare, mirror }, null);
  files.rename(renamed, "d.txt");
  files.trash(lost);
  files.put(folder, "e.txt");
  await bare.close?.();
  const id = (text: string) => text as ItemId;
  return { open, mirror, file: id(file), folder: id(folder), since, lost: id(lost) };
}

type Operation = (provider: Provider, service: Service, n: number) => Promise<unknown>;

const operations: Readonly<Record<string, Operation>> = {
  identity: (provider) => provider.identity(),
  root: async (provider) => right(await provider.root()),
  stat: async (provider, { file }) => right(await provider.stat(file)),
  list: async (provider, { folder }) => {
    for await (const entry of provider.list(folder)) right(entry);
  },
  listing: (provider, service) => read(provider, service, null),
  changes: (provider, service) => read(provider, service, service.since),
  named: async (provider, { folder }) => {
    for (const entry of (await provider.named?.({ parent: folder, name: "a.txt" })) ?? [])
      right(entry);
  },
  read: async (provider, { file }) => new Response(await provider.read(file)).text(),
  write: async (provider, { folder }, n) =>
    right(
      await provider.write({ type: "new", at: { parent: folder, name: `new ${n}` } }, text("new")),
    ),
  createFolder: async (provider, { folder }, n) =>
    right(await provider.createFolder({ parent: folder, name: `folder ${n}` })),
  move: async (provider, { file, folder }, n) =>
    right(await provider.move(file, { parent: folder, name: `a${n}.txt` })),
  copy: async (provider, { file, folder }, n) => {
    const made = await provider.copy?.(file, { parent: folder, name: `copy ${n}` });
    if (made) right(made);
  },
  revisions: (provider, { file }) => provider.revisions?.(file) ?? Promise.resolve(),
  reserveIds: (provider) => provider.reserveIds?.(2) ?? Promise.resolve(),
};

async function read(provider: Provider, { mirror, lost }: Service, since: Cursor | null) {
  for await (const { changes, next } of provider.changes(since)) {
    expect(typeof next).toBe("string");
    for (const change of changes) rightChange(change, since === null ? null : lost, mirror);
  }
}

/** Of what the mirror holds nothing went but what the service has removed. */
function rightChange(change: Change, lost: ItemId | null, mirror: Mirror): void {
  if (change.type === "put") right(change.entry);
  else if (mirror.get(change.id)) expect(change.id).toBe(lost);
}

function right(entry: Entry): void {
  const { id, parent, name, kind, sizeBytes, revision, hashes, modifiedAt, createdAt } = entry;
  for (const each of [id, name]) expect(typeof each).toBe("string");
  expect(id).not.toBe("");
  for (const each of [parent, revision]) if (each !== null) expect(typeof each).toBe("string");
  expect(["file", "folder", "native"]).toContain(kind);
  if (sizeBytes !== null) expect(Number.isSafeInteger(sizeBytes) && sizeBytes >= 0).toBe(true);
  for (const each of Object.values(hashes)) expect(typeof each).toBe("string");
  for (const at of [modifiedAt, createdAt]) if (at !== null) expect(Number(at)).not.toBeNaN();
}

/** More than any operation here needs, when nothing was made yet. */
const mostRequests = 60;

class Endless extends Error {}

/** An account whose answers are altered, from the `first` on, as long as there are mutations left. */
function altered(
  { open, mirror }: Service,
  mutations: readonly Mutation[],
  { first, most }: { readonly first: number; readonly most: number },
) {
  let requests = 0;
  const send: typeof fetch = async (...request) => {
    requests += 1;
    if (requests > most) throw new Endless("it asks and asks");
    const answer = await fetch(...request);
    const change = mutations[requests - 1 - first];
    if (!change || requests <= first) return answer;
    const body = mutated(await answer.text(), change);
    const headers = new Headers(answer.headers);
    for (const name of ["content-length", "content-encoding"]) headers.delete(name);
    const isEmpty = [204, 304].includes(answer.status);
    return new Response(isEmpty ? null : body, { status: answer.status, headers });
  };
  const clock = { now: Date.now, random: () => 0.5, sleep: async () => {} };
  const provider = withSound(open({ ...createContext(mirror), clock, fetch: send }), "a");
  return { provider, isEndless: () => requests > most };
}

describe.each(services)("answers of %s, altered", (_, start) => {
  it("are understood or refused", async () => {
    let service = await start();
    let n = 0;
    await holds(
      50,
      [
        fc.constantFrom(...Object.keys(operations)),
        fc.nat(3),
        fc.array(mutation(hostile), { minLength: 1, maxLength: 3 }),
      ],
      async (name, first, mutations) => {
        n += 1;
        // What was made so far makes each listing longer.
        if (n % 200 === 0) service = await start();
        const { provider, isEndless } = altered(service, mutations, {
          first,
          most: mostRequests + (n % 200),
        });
        try {
          await operations[name]?.(provider, service, n);
        } catch (error) {
          if (!(error instanceof ProviderError)) throw error;
        } finally {
          await provider.close?.();
        }
        expect(isEndless()).toBe(false);
      },
    );
  });
});

/** An answer of a feed that leads to where it was asked for. */
async function circling(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
  const request = new Request(input, init);
  const asked = request.method === "POST" ? await request.clone().text() : "{}";
  const answer = await fetch(request);
  const isJson = answer.headers.get("content-type")?.includes("json") === true;
  if (!isJson) return answer;
  const told = (await answer.json()) as Record<string, unknown>;
  const url = new URL(request.url);
  if ("has_more" in told) Object.assign(told, { has_more: true, cursor: JSON.parse(asked).cursor });
  if ("changes" in told) told.nextPageToken = url.searchParams.get("pageToken");
  if ("@odata.deltaLink" in told) {
    delete told["@odata.deltaLink"];
    told["@odata.nextLink"] = request.url;
  }
  return Response.json(told, { status: answer.status });
}

it.each(services)("a feed of %s that leads to itself comes to an end", async (_, start) => {
  const { open, mirror, since } = await start();
  const provider = open({ ...createContext(mirror), fetch: circling });
  const { message } = await failure(gather(provider.changes(since)), "unavailable");
  expect(message).toContain("the pages of the feed repeat themselves");
});
