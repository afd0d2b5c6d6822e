import type { OneDriveSettings } from "../../src/core/account.ts";
import type { ItemId, Place } from "../../src/core/entry.ts";
import { ProviderError } from "../../src/core/error.ts";
import type { Identity } from "../../src/core/provider.ts";
import type { Api } from "./api.ts";
import { describe } from "./errors.ts";
import { driveIdOf } from "./translate.ts";

/** The drive of an account: the signed-in person's own, or a document library. */
export interface Drive {
  /** Path of the drive. Costs up to two requests, once, where a library is named by its site. */
  base(): Promise<string>;
  item(id: ItemId): Promise<string>;
  /** The item of this name in a folder; `/content` and the like may follow. */
  at(place: Place): Promise<string>;
  identity(): Promise<Identity>;
  space(): Promise<{ readonly usedBytes: number; readonly totalBytes: number | null }>;
}

interface DriveFacts {
  readonly id?: string;
  readonly name?: string;
  readonly driveType?: string;
  readonly webUrl?: string;
  readonly owner?: Readonly<
    Record<string, { readonly email?: string; readonly displayName?: string } | undefined>
  >;
  readonly quota?: { readonly used?: number; readonly total?: number };
}

export function openDrive(settings: OneDriveSettings, api: Api): Drive {
  const { drive, site } = settings;
  let found: Promise<string> | null = null;

  async function base(): Promise<string> {
    if (drive !== undefined) return pathOf(drive);
    if (site === undefined) return "/me/drive";
    found ??= findLibrary(api, site, settings.library);
    found.catch(() => {
      found = null;
    });
    return found;
  }

  async function facts(fields: string): Promise<DriveFacts> {
    const attempt = { operation: "look up", item: "the drive" };
    return api.ask({ attempt, url: `${await base()}?$select=${fields}` });
  }

  return {
    base,
    item: async (id) => `${await base()}/items/${encodeURIComponent(id)}`,
    at: async ({ parent, name }) =>
      `${await base()}/items/${encodeURIComponent(parent)}:/${encodeURIComponent(name)}:`,

    async identity() {
      const { id, driveType, owner, name, webUrl } = await facts("id,name,driveType,owner,webUrl");
      if (!id) throw new ProviderError("unexpected", "onedrive: the answer names no drive");
      const person = owner?.user ?? owner?.group;
      const who = person?.email ?? person?.displayName ?? name;
      const library = driveType === "documentLibrary" ? webUrl : undefined;
      return { id: driveIdOf(id), label: library ?? `${who} (${driveType})` };
    },

    async space() {
      const { used = 0, total = 0 } = (await facts("quota")).quota ?? {};
      // Libraries may answer with zeros: not known.
      return { usedBytes: used, totalBytes: total > 0 ? total : null };
    },
  };
}

/** `host/sites/name` is addressed as `host:/sites/name`; the library is known by its name, or is the only one. */
async function findLibrary(api: Api, site: string, library: string | undefined): Promise<string> {
  const attempt = { operation: "find", item: `the site ${site}` };
  const [host = "", ...path] = site.split("/").filter(Boolean);
  const place = path.length === 0 ? host : `${host}:/${path.map(encodeURIComponent).join("/")}`;
  const { id } = await api.ask<{ id?: string }>({ attempt, url: `/sites/${place}` });
  if (!id) throw new ProviderError("unexpected", `${describe(attempt)}: the answer names none`);
  if (library === undefined) {
    const url = `/sites/${encodeURIComponent(id)}/drive?$select=id`;
    const { id: main = "" } = await api.ask<DriveFacts>({ attempt, url });
    return pathOf(main);
  }
  const { value = [] } = await api.ask<{ value?: DriveFacts[] }>({
    attempt,
    url: `/sites/${encodeURIComponent(id)}/drives`,
  });
  const wanted = library.toLowerCase();
  const isWanted = ({ name, webUrl }: DriveFacts) =>
    name?.toLowerCase() === wanted ||
    decodeURIComponent(webUrl?.split("/").at(-1) ?? "").toLowerCase() === wanted;
  const drive = value.find(isWanted);
  if (drive?.id) return pathOf(drive.id);
  const names = value.map(({ name }) => `"${name}"`).join(", ");
  const words = `${describe(attempt)}: it has no library "${library}" (there are: ${names})`;
  throw new ProviderError("not-found", words);
}

function pathOf(drive: string): string {
  return `/drives/${encodeURIComponent(drive)}`;
}
