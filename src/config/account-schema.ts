import { z } from "zod";
import type { AccountSettings } from "../core/account.ts";
import { parsed } from "./fields.ts";
import { googleDriveProblems, parsePerson, parseServiceAccount } from "./service-account.ts";
import { ValueError } from "./units.ts";
import { parseOrigin } from "./values.ts";

/** The accounts of the configuration, as they are once their secrets were filled in. */

const reference = "Text, $NAME for an environment variable, or $file:/path for what a file holds.";
const clientId = filled(`Id of your app at the provider. ${reference}`);
const clientSecret = filled(`Secret of your app; better not in this file. ${reference}`);
const refreshToken = filled(
  `Grant of the signed-in account; better not in this file. ${reference}`,
);

/** The parts of each service that an `origin` can name. */
export const originNames = {
  dropbox: ["api", "content", "notify", "authorize", "token"],
  "google-drive": ["api", "authorize", "token"],
  onedrive: ["api", "authorize", "token"],
} as const;

const dropbox = z.strictObject({
  provider: provider("dropbox"),
  clientId,
  clientSecret: clientSecret.exactOptional(),
  refreshToken,
  space: z
    .enum(["home", "team"])
    .describe(
      "Of an account in a team: your own folder (home), or all of the team's. Default: home.",
    )
    .exactOptional(),
  saveUrl: z
    .boolean()
    .describe(
      "Whether Dropbox fetches new files by itself from links that OneDrive and other Dropbox accounts hand out; they keep the time of the fetching as modified time. Default: false.",
    )
    .exactOptional(),
  origin: origins(originNames.dropbox).exactOptional(),
});

const googleDrive = z
  .strictObject({
    provider: provider("google-drive"),
    clientId: clientId.exactOptional(),
    clientSecret: clientSecret.exactOptional(),
    refreshToken: refreshToken.exactOptional(),
    serviceAccount: parsed(parseServiceAccount)
      .describe(
        "Key of a service account, instead of clientId, clientSecret and refreshToken: the content of its JSON file; better not in this file: $file:/path.",
      )
      .exactOptional(),
    impersonate: parsed(parsePerson)
      .describe(
        "E-mail of the person as whom the service account works, by domain-wide delegation. Default: as itself.",
      )
      .exactOptional(),
    drive: filled(
      "Name or id of a shared drive, which the account then is. Default: My Drive. A service account needs one.",
    ).exactOptional(),
    origin: origins(originNames["google-drive"]).exactOptional(),
  })
  .superRefine((given, context) => {
    for (const { field, message } of googleDriveProblems(given)) {
      context.addIssue({ code: "custom", path: [field], message });
    }
  })
  .meta({
    anyOf: [
      { required: ["clientId", "clientSecret", "refreshToken"] },
      { required: ["serviceAccount", "drive"] },
      { required: ["serviceAccount", "impersonate"] },
    ],
  });

const oneDrive = z
  .strictObject({
    provider: provider("onedrive"),
    clientId,
    clientSecret: clientSecret.exactOptional(),
    refreshToken,
    tenant: filled(
      "Directory that people sign in to: an id, a domain, or common. Default: common.",
    ).exactOptional(),
    drive: filled(
      "Id of a drive that is not your own; needs no more permission than your own.",
    ).exactOptional(),
    site: parsed(parseSite)
      .describe("SharePoint site whose document library is the drive: host/sites/name.")
      .exactOptional(),
    library: filled(
      "Name of the document library in that site. Default: its main one, Documents.",
    ).exactOptional(),
    origin: origins(originNames.onedrive).exactOptional(),
  })
  .refine(({ drive, site }) => drive === undefined || site === undefined, {
    path: ["drive"],
    error: '"drive" and "site" each name a drive: leave one out',
  })
  .refine(({ library, site }) => library === undefined || site !== undefined, {
    path: ["library"],
    error: '"library" is one of a site: say which with "site"',
  });

const local = z.strictObject({
  provider: provider("local"),
  root: parsed(parseRoot).describe(
    "Folder on this machine that is the account's root; a relative path counts from this file.",
  ),
});

const s3 = z.looseObject({ provider: provider("s3") });
const webdav = z.looseObject({ provider: provider("webdav") });
const sftp = z.looseObject({ provider: provider("sftp") });

/** One account; `provider` decides what its fields are. */
export const accountSchema = z
  .discriminatedUnion("provider", [dropbox, googleDrive, oneDrive, local, s3, webdav, sftp])
  .describe("One signed-in connection to a provider.");

export type AccountFields = z.output<typeof accountSchema>;

/** Every provider's fields, by its name; empty for those whose fields are not settled. */
export const accountFields: ReadonlyMap<string, readonly string[]> = new Map(
  accountSchema.options.map(({ shape }) => {
    const keys = Object.keys(shape);
    return [shape.provider.value, keys];
  }),
);

/** Whether the account is one that this version can open. */
export function isSupported(account: AccountFields): account is AccountFields & AccountSettings {
  return ["dropbox", "google-drive", "onedrive", "local"].includes(account.provider);
}

function provider<const Name extends string>(name: Name) {
  return z
    .literal(name)
    .describe("The storage service: dropbox, google-drive, onedrive, local, s3, webdav or sftp.");
}

function filled(description: string) {
  return z.string().min(1, "it is empty").describe(description);
}

function parseRoot(text: string): string {
  if (text.startsWith("~")) throw new ValueError('"~" is not expanded: write the path in full');
  if (text.trim() === "") throw new ValueError("is empty: write the path of a folder");
  return text;
}

/** The address of a site as browsers show it, or without its `https://`. */
function parseSite(text: string): string {
  const site = text
    .trim()
    .replace(/^https:\/\//i, "")
    .replace(/\/+$/, "");
  if (/^[\w.-]+(:\d+)?(\/[^/?#]+)*$/.test(site)) return site;
  throw new ValueError("is no site: write contoso.sharepoint.com/sites/name");
}

/** One origin for everything, or one for each of the names. */
function origins<const Name extends string>(names: readonly Name[]) {
  const one = parsed(parseOrigin);
  return z
    .union([one, z.partialRecord(z.enum(names), one)])
    .transform((given): Partial<Record<Name, string>> => {
      if (typeof given !== "string") return given;
      const all: Partial<Record<Name, string>> = {};
      for (const name of names) all[name] = given;
      return all;
    })
    .describe(
      `Where the service is reached instead of its public hosts: https://host:port for all, or one each for ${names.join(", ")}.`,
    );
}
