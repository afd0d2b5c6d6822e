/** What the page asks of the demo's server; each rejects with a sentence for people. */

const base = (cloud) => `/api/${cloud}`;
const item = (cloud, id) => `${base(cloud)}/items/${encodeURIComponent(id)}`;

/** Where an item's bytes are; `version` makes the address another one when they change. */
export function contentAddress(cloud, { id, contentHash }) {
  return `${item(cloud, id)}/content?version=${(contentHash ?? "").slice(0, 16)}`;
}

export async function readText(cloud, file) {
  return (await ask(contentAddress(cloud, file))).text();
}

/** `path`: names below the folder `parent`, null for the top. */
export async function uploadFile(cloud, parent, path, file) {
  const query = new URLSearchParams({ path, modified: String(file.lastModified) });
  if (parent !== null) query.set("parent", parent);
  await ask(`${base(cloud)}/files?${query}`, { method: "PUT", body: file });
}

/** A photo for those who have none at hand, into the rules' folder. */
export async function addPhoto(cloud) {
  await ask(`${base(cloud)}/photos`, { method: "POST" });
}

export async function makeFolder(cloud, parent, name) {
  await ask(`${base(cloud)}/folders`, json("POST", { parent, name }));
}

export async function renameItem(cloud, id, name) {
  await ask(item(cloud, id), json("PATCH", { name }));
}

export async function saveText(cloud, id, text) {
  await ask(`${item(cloud, id)}/content`, { method: "PUT", body: text });
}

export async function trashItem(cloud, id) {
  await ask(item(cloud, id), { method: "DELETE" });
}

function json(method, value) {
  const headers = { "content-type": "application/json" };
  return { method, headers, body: JSON.stringify(value) };
}

async function ask(address, init) {
  const answer = await fetch(address, init).catch(() => {
    throw new Error("The demo does not answer. Is it still running?");
  });
  if (answer.ok) return answer;
  const { message } = await answer.json().catch(() => ({ message: answer.statusText }));
  throw new Error(message);
}
