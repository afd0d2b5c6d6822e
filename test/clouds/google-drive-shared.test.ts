import type { drive_v3 } from "googleapis/build/src/apis/drive/index.js";
import { describe, expect, test } from "vitest";
import { type Harness, sdkFailure, startCloud } from "./google-drive/harness.ts";

const all = { supportsAllDrives: true, includeItemsFromAllDrives: true } as const;

async function namesOf(
  sdk: drive_v3.Drive,
  params: drive_v3.Params$Resource$Files$List,
): Promise<(string | null | undefined)[]> {
  const { data } = await sdk.files.list({ fields: "files(name)", ...params });
  return data.files?.map(({ name }) => name) ?? [];
}

async function tokenOf(sdk: drive_v3.Drive, driveId?: string): Promise<string> {
  const params = driveId === undefined ? {} : { driveId, supportsAllDrives: true };
  const { data } = await sdk.changes.getStartPageToken({ fields: "startPageToken", ...params });
  return data.startPageToken ?? "";
}

async function changesOf(sdk: drive_v3.Drive, params: drive_v3.Params$Resource$Changes$List) {
  const { data } = await sdk.changes.list({ fields: "*", ...params });
  return data.changes ?? [];
}

function share({ files }: Harness) {
  const root = files.createSharedDrive("Marketing");
  return { root, file: files.put(root.id, "plan.txt", "plan") };
}

describe("shared drives", () => {
  test("are listed for their members, with the id of their root folder", async () => {
    const cloud = await startCloud();
    const { root } = share(cloud);
    const { data } = await cloud.sdk.drives.list({});
    expect(data.drives).toMatchObject([{ id: root.id, name: "Marketing" }]);
    expect((await cloud.sdk.drives.get({ driveId: root.id })).data.name).toBe("Marketing");
    cloud.files.leaveSharedDrive(root.id);
    await expect(cloud.sdk.drives.get({ driveId: root.id })).rejects.toEqual(
      sdkFailure(404, "notFound"),
    );
  });

  test("show their items only to those who ask for all drives", async () => {
    const cloud = await startCloud();
    const { root, file } = share(cloud);
    const { sdk } = cloud;
    cloud.files.put("root", "mine.txt", "m");
    expect(await namesOf(sdk, {})).toEqual(["mine.txt"]);
    const scope = { corpora: "drive", driveId: root.id };
    expect(await namesOf(sdk, { ...scope, ...all })).toEqual(["plan.txt"]);
    await expect(namesOf(sdk, scope)).rejects.toEqual(sdkFailure(400, "invalid"));
    const missing = sdkFailure(404, "notFound");
    await expect(sdk.files.get({ fileId: file.id })).rejects.toEqual(missing);
    const fields = "driveId,parents,ownedByMe,owners";
    const got = await sdk.files.get({ fileId: file.id, supportsAllDrives: true, fields });
    expect(got.data).toEqual({ driveId: root.id, parents: [root.id] });
    const requestBody = { name: "new", parents: [root.id] };
    await expect(sdk.files.create({ requestBody })).rejects.toEqual(missing);
    await sdk.files.create({ requestBody, supportsAllDrives: true });
  });

  test("have a log of their own, and tokens that are no other log's", async () => {
    const cloud = await startCloud();
    const { root, file } = share(cloud);
    const { sdk, files } = cloud;
    const [ours, theirs] = [await tokenOf(sdk), await tokenOf(sdk, root.id)];
    const driveId = root.id;
    files.edit(file.id, "plan B");
    expect(await changesOf(sdk, { pageToken: ours })).toEqual([]);
    const log = await changesOf(sdk, { pageToken: theirs, driveId, ...all });
    expect(log).toMatchObject([{ fileId: file.id, removed: false, file: { driveId } }]);
    await expect(changesOf(sdk, { pageToken: ours, driveId, ...all })).rejects.toEqual(
      sdkFailure(400, "invalid"),
    );
    files.leaveSharedDrive(root.id);
    await expect(changesOf(sdk, { pageToken: theirs, driveId, ...all })).rejects.toEqual(
      sdkFailure(404, "notFound"),
    );
    expect(await changesOf(sdk, { pageToken: ours })).toMatchObject([
      { changeType: "drive", driveId, removed: true },
    ]);
  });

  test("tell in both logs of what moved between drives, and show it where it is asked for", async () => {
    const cloud = await startCloud();
    const { root, file } = share(cloud);
    const { sdk, files } = cloud;
    const [ours, theirs] = [await tokenOf(sdk), await tokenOf(sdk, root.id)];
    const log = { pageToken: theirs, driveId: root.id, ...all };
    files.move(file.id, files.rootId);
    expect(await changesOf(sdk, { pageToken: ours })).toMatchObject([
      { fileId: file.id, removed: false, file: { parents: [files.rootId] } },
    ]);
    const [left] = await changesOf(sdk, log);
    expect(left).toMatchObject({ fileId: file.id, removed: true });
    expect(left?.file).toBeUndefined();
    const [shown] = await changesOf(sdk, { ...log, includeCorpusRemovals: true });
    expect(shown).toMatchObject({ removed: true, file: { id: file.id } });
  });

  test.each([
    ["organizer", { edit: true, trash: true, remove: true }],
    ["fileOrganizer", { edit: true, trash: true, remove: false }],
    ["writer", { edit: true, trash: false, remove: false }],
    ["reader", { edit: false, trash: false, remove: false }],
  ] as const)("let a %s do what the role allows", async (role, may) => {
    const cloud = await startCloud();
    const { root, file } = share(cloud);
    const { sdk, files } = cloud;
    files.setDriveRole(root.id, role);
    const here = { fileId: file.id, supportsAllDrives: true };
    const refused = sdkFailure(403, "insufficientFilePermissions");
    const fields = "capabilities(canEdit,canTrash,canDelete)";
    const { data } = await sdk.files.get({ ...here, fields });
    expect(data.capabilities).toEqual({
      canEdit: may.edit,
      canTrash: may.trash,
      canDelete: may.remove,
    });
    const tries = [
      [may.edit, () => sdk.files.update({ ...here, requestBody: { name: "n" } })],
      [may.trash, () => sdk.files.update({ ...here, requestBody: { trashed: true } })],
      [may.remove, () => sdk.files.delete(here)],
    ] as const;
    for (const [allowed, attempt] of tries) {
      if (allowed) await attempt();
      else await expect(attempt()).rejects.toEqual(refused);
    }
  });

  test("keep the folder with limited access in sight, and nothing in it", async () => {
    const cloud = await startCloud();
    const { root } = share(cloud);
    const { sdk, files } = cloud;
    const folder = files.mkdir(root.id, "board");
    const secret = files.put(folder.id, "secret.txt", "s");
    files.limit(folder.id);
    const fields = "capabilities(canListChildren)";
    const shared = { supportsAllDrives: true };
    const { data } = await sdk.files.get({ fileId: folder.id, fields, ...shared });
    expect(data.capabilities).toEqual({ canListChildren: false });
    await expect(sdk.files.get({ fileId: secret.id, ...shared })).rejects.toEqual(
      sdkFailure(404, "notFound"),
    );
  });

  test("hold so many items and no more", async () => {
    const cloud = await startCloud({ behaviour: { maxSharedDriveItems: 2 } });
    const { root } = share(cloud);
    const create = (name: string) =>
      cloud.sdk.files.create({
        requestBody: { name, parents: [root.id] },
        supportsAllDrives: true,
      });
    await create("second");
    await expect(create("third")).rejects.toEqual(sdkFailure(403, "teamDriveFileLimitExceeded"));
  });
});
