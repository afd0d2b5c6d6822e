import { uploadFile } from "./cloud-api.js";
import { announce } from "./dom.js";

/** Uploads files and whole folders, one after the other. */

/** `files`: `{ path, file }`, the path relative to the folder `parent`. */
export async function uploadAll(cloud, parent, files) {
  const failed = [];
  for (const [index, { path, file }] of files.entries()) {
    if (files.length > 1) announce(`Uploading ${index + 1} of ${files.length}: ${file.name}`);
    await uploadFile(cloud, parent, path, file).catch((error) => failed.push(error.message));
  }
  if (failed.length > 0) announce(`${failed.length} not uploaded. ${failed[0]}`, "bad");
}

/** What a file chooser gave. */
export function chosenFiles(input) {
  return [...input.files].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

/** What was dropped, folders with all that they hold. */
export async function droppedFiles(transfer) {
  // The entries have to be taken before anything is awaited: the browser empties the list then.
  // What has no entry, as a picture dragged out of a page, is a file all the same.
  const entries = [...transfer.items].flatMap(
    (item) => item.webkitGetAsEntry() ?? item.getAsFile() ?? [],
  );
  return (await Promise.all(entries.map((entry) => filesOf(entry, "")))).flat();
}

async function filesOf(entry, above) {
  if (entry instanceof File) return [{ path: entry.name, file: entry }];
  const path = above + entry.name;
  if (entry.isFile) {
    return [{ path, file: await new Promise((resolve, reject) => entry.file(resolve, reject)) }];
  }
  const reader = entry.createReader();
  const files = [];
  // A reader gives its entries in parts, and an empty part at the end.
  for (;;) {
    const part = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0) return files;
    for (const each of part) files.push(...(await filesOf(each, `${path}/`)));
  }
}
