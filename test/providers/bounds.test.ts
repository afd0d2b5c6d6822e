import { describe, expect, it } from "vitest";
import type { ItemId } from "../../src/core/entry.ts";
import type { Provider } from "../../src/core/provider.ts";
import type { Effect, Faults } from "../clouds/kit/faults.ts";
import { text } from "../contract/bytes.ts";
import { failure, revisionOf } from "../contract/harness.ts";
import { openBench, upload } from "./dropbox-bench.ts";
import { startDrive } from "./google-drive-bench.ts";
import { signIn, startOneDrive } from "./onedrive-bench.ts";

/** Nobody answers there: whoever asked there would fail in another way. */
const stranger = "https://stranger.test/taken?key=secret";

interface Signed {
  readonly cloud: { readonly faults: Faults };
  readonly provider: Provider;
  readonly root: ItemId;
  /** Where the sign-in above has asked for a token already. */
  readonly signInAnew?: () => Promise<unknown>;
}

const services: Readonly<Record<string, () => Promise<Signed>>> = {
  dropbox: async () => {
    const { cloud, provider } = await openBench();
    return { cloud, provider, root: (await provider.root()).id };
  },
  "google-drive": () => startDrive(),
  onedrive: async () => {
    const { cloud, provider, root } = await startOneDrive();
    return { cloud, provider, root, signInAnew: () => signIn(cloud) };
  },
};

const write = ({ provider, root }: Signed, bytes = "hello") =>
  provider.write({ type: "new", at: { parent: root, name: "a.txt" } }, text(bytes));

async function read(signed: Signed): Promise<unknown> {
  const { id } = await write(signed);
  return signed.provider.read(id);
}

async function handOut(signed: Signed): Promise<unknown> {
  const entry = await write(signed);
  return signed.provider.addressOf?.(entry.id, revisionOf(entry));
}

async function copy(signed: Signed): Promise<unknown> {
  const { id } = await write(signed);
  return signed.provider.copy?.(id, { parent: signed.root, name: "b.txt" });
}

const long = "x".repeat(6 * 1024 ** 2);
const led =
  (status: number) =>
  (location: string): Effect => ({ type: "status", status, headers: { location } });
const told =
  (name: string) =>
  (address: string): Effect => ({ type: "status", status: 200, body: { [name]: address } });

const cases: readonly {
  readonly service: string;
  readonly what: string;
  readonly route: string;
  readonly effect: (address: string) => Effect;
  readonly act: (signed: Signed) => Promise<unknown>;
}[] = [
  { service: "dropbox", what: "a sign-in", route: "oauth/token", effect: led(307), act: write },
  {
    service: "dropbox",
    what: "a look",
    route: "users/get_current_account",
    effect: led(307),
    act: ({ provider }) => provider.identity(),
  },
  { service: "dropbox", what: "an upload", route: upload, effect: led(308), act: write },
  { service: "dropbox", what: "a download", route: "files/download", effect: led(307), act: read },
  {
    service: "dropbox",
    what: "an address that it hands out",
    route: "files/get_temporary_link",
    effect: told("link"),
    act: handOut,
  },
  {
    service: "google-drive",
    what: "a sign-in",
    route: "oauth/token",
    effect: led(307),
    act: write,
  },
  {
    service: "google-drive",
    what: "a look",
    route: "about.get",
    effect: led(302),
    act: ({ provider }) => provider.identity(),
  },
  {
    service: "google-drive",
    what: "an upload",
    route: "files.create.upload",
    effect: led(307),
    act: write,
  },
  {
    service: "google-drive",
    what: "an upload session",
    route: "files.create.upload",
    effect: led(200),
    act: (signed) => write(signed, long),
  },
  { service: "google-drive", what: "a download", route: "files.get", effect: led(302), act: read },
  {
    service: "onedrive",
    what: "a sign-in",
    route: "oauth/token",
    effect: led(307),
    act: async ({ signInAnew }) => signInAnew?.(),
  },
  {
    service: "onedrive",
    what: "an upload session",
    route: "sessions.create",
    effect: told("uploadUrl"),
    act: write,
  },
  {
    service: "onedrive",
    what: "a fragment",
    route: "upload.session",
    effect: led(307),
    act: write,
  },
  { service: "onedrive", what: "a download", route: "download", effect: led(302), act: read },
  {
    service: "onedrive",
    what: "the state of a copy",
    route: "items.copy",
    effect: led(202),
    act: copy,
  },
];

describe("an answer that leads elsewhere", () => {
  it.each(cases)("of $service, for $what, is not followed", async (each) => {
    const signed = await services[each.service]?.();
    if (!signed) throw new Error("no such service");
    const effect = each.effect(stranger);
    signed.cloud.faults.add({ match: { route: each.route, times: 9 }, effect });
    const error = await failure(each.act(signed), "unexpected");
    expect(error.message).toContain("leads to a foreign address (https://stranger.test)");
    expect(error.message).not.toContain("secret");
  });
});
