import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type App, loadAdapters, openApp } from "../../src/app.ts";
import { parseConfig } from "../../src/config/parse.ts";
import { formatProblem } from "../../src/config/problem.ts";
import type { EngineEvent } from "../../src/engine/event.ts";
import { previewJob } from "../../src/engine/preview.ts";
import type { Report } from "../../src/engine/report.ts";
import { runJob } from "../../src/engine/run.ts";
import { type VerifyReport, verifyJob } from "../../src/engine/verify.ts";
import { createDropboxCloud, type DropboxCloud } from "../clouds/dropbox/cloud.ts";
import { createGoogleDriveCloud, type GoogleDriveCloud } from "../clouds/google-drive/cloud.ts";
import { createOneDriveCloud, type OneDriveCloud } from "../clouds/onedrive/cloud.ts";
import type { DriveType } from "../clouds/onedrive/item.ts";
import { quickDisk } from "../disk.ts";

/** The stand-ins, running, and a rule file that leads to them. */
export interface Clouds {
  readonly dropbox: DropboxCloud;
  readonly drive: GoogleDriveCloud;
  /** Personal by default; rewrites no Office files. */
  readonly onedrive: OneDriveCloud;
  /** A folder of the test's own, removed after it. */
  readonly folder: string;
  /** Text of a `syncline.yaml` with the accounts `dropbox`, `drive` and `onedrive` and the rules given. */
  yaml(rules: string): string;
  readonly env: Readonly<Record<string, string>>;
}

/** `dropbox:/Photos` to `drive:/Backup/Photos`, at once. */
const photosRule = `
  - name: photos
    from: dropbox:/Photos
    to: drive:/Backup/Photos
    quiet: 0s
`;

export async function startClouds(
  options: {
    readonly keepBytes?: boolean;
    readonly latencyMs?: number;
    readonly driveType?: DriveType;
  } = {},
): Promise<Clouds> {
  const keepBytes = options.keepBytes ?? true;
  await loadAdapters([
    { provider: "dropbox" },
    { provider: "google-drive" },
    { provider: "onedrive" },
  ]);
  const dropbox = createDropboxCloud({ keepBytes });
  const drive = createGoogleDriveCloud({ keepBytes });
  const onedrive = createOneDriveCloud({
    keepBytes,
    driveType: options.driveType ?? "personal",
    choices: { officeRewriteMs: null },
  });
  const folder = mkdtempSync(join(quickDisk(), "syncline-e2e-"));
  for (const cloud of [dropbox, drive, onedrive]) {
    await cloud.start();
    cloud.network.latencyMs = options.latencyMs ?? 0;
  }
  onTestFinished(async () => {
    await Promise.all([dropbox.close(), drive.close(), onedrive.close()]);
    rmSync(folder, { recursive: true, force: true });
  });
  return { dropbox, drive, onedrive, folder, ...signedIn({ dropbox, drive, onedrive }) };
}

/** A rule file's accounts at the stand-ins, each with a grant of its own, and what they take from the environment. */
export function signedIn({
  dropbox,
  drive,
  onedrive,
}: Pick<Clouds, "dropbox" | "drive" | "onedrive">): Pick<Clouds, "yaml" | "env"> {
  const [a, b, c] = [dropbox.grant(), drive.grant(), onedrive.grant()];
  return {
    env: {
      DROPBOX_SECRET: a.clientSecret ?? "",
      DROPBOX_TOKEN: a.refreshToken,
      DRIVE_SECRET: b.clientSecret ?? "",
      DRIVE_TOKEN: b.refreshToken,
      ONEDRIVE_SECRET: c.clientSecret,
      ONEDRIVE_TOKEN: c.refreshToken,
    },
    yaml: (rules) => `
accounts:
  dropbox:
    provider: dropbox
    clientId: ${a.clientId}
    clientSecret: $DROPBOX_SECRET
    refreshToken: $DROPBOX_TOKEN
    origin: ${dropbox.origin}
  drive:
    provider: google-drive
    clientId: ${b.clientId}
    clientSecret: $DRIVE_SECRET
    refreshToken: $DRIVE_TOKEN
    origin: ${drive.origin}
  onedrive:
    provider: onedrive
    clientId: ${c.clientId}
    clientSecret: $ONEDRIVE_SECRET
    refreshToken: $ONEDRIVE_TOKEN
    origin: ${onedrive.origin}
rules:${rules}`,
  };
}

/** Syncline in this process, over the real SDKs. */
export interface Syncline {
  readonly app: App;
  readonly events: EngineEvent[];
  run(): Promise<Report>;
  plan(): Promise<Report>;
  verify(options?: { readonly read?: number }): Promise<VerifyReport>;
  close(): Promise<void>;
}

/** Opens the first rule of the file; a second call finds the state of the first. */
export function openSyncline(clouds: Clouds, rules = photosRule): Syncline {
  const parsed = parseConfig(clouds.yaml(rules), {
    file: "syncline.yaml",
    env: clouds.env,
    readFile: () => "",
  });
  if ("problems" in parsed) throw new Error(parsed.problems.map(formatProblem).join("\n"));
  const events: EngineEvent[] = [];
  const { signal } = new AbortController();
  const app = openApp({
    config: parsed.config,
    dataFolder: join(clouds.folder, "data"),
    env: {},
    tell: (event) => events.push(event),
    log: () => {},
    signal,
  });
  const [rule] = app.config.rules;
  const [job] = rule ? app.jobsOf(rule) : [];
  if (!job) throw new Error("the file has no rule");
  let closed = false;
  const close = async () => {
    if (closed) return;
    closed = true;
    await app.close();
  };
  onTestFinished(close);
  return {
    app,
    events,
    run: () =>
      runJob(job, app.context, {
        trigger: "manual",
        respectQuiet: false,
        signal,
        apiCalls: app.apiCalls,
      }),
    plan: () => previewJob(job, app.context, { signal }),
    verify: ({ read = 0 } = {}) => verifyJob(job, app.context, { read, signal }),
    close,
  };
}

/**
 * The stand-ins' own count of what they were asked to change: of requests for many things each of these, of uploads in
 * many requests the one that opens it, or, where the bytes come first, the one that ends it.
 */
export const asked: Readonly<Record<"dropbox" | "drive" | "onedrive", (clouds: Clouds) => number>> =
  {
    dropbox: ({ dropbox }) =>
      dropbox.count(
        /^files\/(upload|upload_session\/finish|create_folder_v2|move_v2|copy_v2|delete_v2|restore|save_url)$/,
      ) + dropbox.batched.entries,
    drive: ({ drive }) => drive.count(/^files\.(create|update|copy|delete)(\.upload)?$/),
    onedrive: ({ onedrive }) =>
      onedrive.count(
        /^(sessions\.create|content\.put|folders\.create|items\.(update|delete|copy|restore))$/,
      ),
  };

/** Files below a folder of the Drive stand-in: path to MD5, every duplicate told apart. */
export function driveFiles({ drive }: Clouds, below: string): Map<string, (string | null)[]> {
  const files = new Map<string, (string | null)[]>();
  for (const entry of drive.files.tree()) {
    if (entry.trashed || entry.kind !== "file" || !entry.path.startsWith(`${below}/`)) continue;
    const path = entry.path.slice(below.length + 1);
    files.set(path, [...(files.get(path) ?? []), entry.md5]);
  }
  return files;
}

/** Files below a folder of the OneDrive stand-in: path to MD5. */
export function oneDriveFiles({ onedrive: { files } }: Clouds, below: string): Map<string, string> {
  const found = files
    .tree()
    .filter(({ path, kind }) => kind === "file" && path.startsWith(`${below}/`));
  return new Map(
    found.map(({ path }) => [path.slice(below.length + 1), md5(files.read(path))] as const),
  );
}

/** Files below a folder of the Dropbox stand-in: path to MD5. */
export function dropboxFiles({ dropbox: { files } }: Clouds, below: string): Map<string, string> {
  const found = files
    .tree()
    .filter(({ path, kind }) => kind === "file" && path.startsWith(`/${below}/`));
  return new Map(
    found.map(({ path }) => [path.slice(below.length + 2), md5(files.read(path))] as const),
  );
}

/** Of text or bytes, in hex. */
export function md5(bytes: string | Uint8Array): string {
  return createHash("md5").update(bytes).digest("hex");
}
