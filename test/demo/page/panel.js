import { addPhoto, contentAddress, makeFolder, renameItem, trashItem } from "./cloud-api.js";
import { askName, confirm, editText, showPicture } from "./dialogs.js";
import { announce, find, formatBytes, make } from "./dom.js";
import { openMenu } from "./menu.js";
import { createTree, isPicture, isText } from "./tree.js";
import { chosenFiles, droppedFiles, uploadAll } from "./uploads.js";

/** One cloud's card: its head, its tree, and all that a person can do there. */

/**
 * `home` names the rules' folder in this cloud, `sends` says whether files are brought from here; `trashHint`
 * is shown before something is deleted.
 */
export function createPanel(section, { cloud, title, home, sends, trashHint, statusOf }) {
  let items = [];
  section.append(find("#cloud").content.cloneNode(true));
  find("h2", section).textContent = title;
  find("h2", section).id = `title-${cloud}`;
  find(".mark use", section).setAttribute("href", `#${cloud}`);
  const list = find(".tree", section);
  list.setAttribute("aria-label", `Files in ${title}`);
  const tree = createTree(list, { cloud, open, more, statusOf });

  /** The rules' folder, where it is there: what a person adds is meant to travel. */
  const homeFolder = () =>
    items.find((item) => item.kind === "folder" && item.parent === null && item.name === home);

  /** Into a folder; null: into the rules' one, which is made where it is missing. */
  function send(folder, files) {
    const parent = folder ?? homeFolder() ?? null;
    if (parent !== null) return uploadAll(cloud, parent.id, files);
    return uploadAll(
      cloud,
      null,
      files.map(({ path, file }) => ({ path: `${home}/${path}`, file })),
    );
  }

  function open(item) {
    if (isText(item)) return tell(edit(item));
    if (isPicture(item)) return tell(look(item));
    return download(item);
  }

  function more(item, button) {
    const folder = item.kind === "folder";
    const rename = { icon: "rename", label: "Rename", run: () => tell(renamed(item)) };
    const trash = { icon: "trash", label: "Delete", danger: true, run: () => tell(trashed(item)) };
    const fetch = { icon: "download", label: "Download", run: () => download(item) };
    const change = { icon: "pencil", label: "Edit", run: () => tell(edit(item)) };
    const add = { icon: "upload", label: "Upload here", run: () => choose(item) };
    const create = {
      icon: "new-folder",
      label: "New folder here",
      run: () => tell(created(item)),
    };
    const own = folder ? [add, create] : [...(isText(item) ? [change] : []), fetch];
    openMenu(button, [...own, rename, null, trash]);
  }

  async function look(item) {
    if (await showPicture(cloud, item)) download(item);
  }

  async function edit(item) {
    if (await editText(cloud, item)) announce(`Saved ${item.name} in ${title}`);
  }

  async function renamed(item) {
    const options = { title: `Rename ${item.name}`, label: "New name", action: "Rename" };
    const name = await askName({ ...options, value: item.name });
    if (name !== null && name !== item.name) await renameItem(cloud, item.id, name);
  }

  async function created(parent) {
    const where = parent?.name ?? title;
    const options = { title: `New folder in ${where}`, label: "Name", action: "Create" };
    const name = await askName({ ...options, value: "" });
    if (name !== null) await makeFolder(cloud, parent?.id ?? null, name);
  }

  async function trashed(item) {
    const hint = trashHint(item);
    const sure = await confirm({ title: `Delete ${item.name}?`, hint, action: "Move to trash" });
    if (!sure) return;
    await trashItem(cloud, item.id);
    announce(`${item.name} is in the trash of ${title}`);
  }

  function download(item) {
    make("a", { href: contentAddress(cloud, item), download: item.name }).click();
  }

  const chooser = find("input[type=file]", section);
  let target = null;
  function choose(folder) {
    target = folder;
    chooser.click();
  }
  chooser.addEventListener("change", () => {
    const files = chosenFiles(chooser);
    chooser.value = "";
    tell(send(target, files));
  });
  find("[data-do=upload]", section).addEventListener("click", () => choose(null));
  find("[data-do=folder]", section).addEventListener("click", () => tell(created(homeFolder())));
  find(".send", section).hidden = !sends;
  find("[data-do=photo]", section).addEventListener("click", () => tell(addPhoto(cloud)));
  takeDrops(section, list, (transfer, folder) => {
    tell(droppedFiles(transfer).then((files) => send(folder ?? null, files)));
  });

  return {
    show(news) {
      ({ items } = news);
      find(".person", section).textContent = news.person;
      list.hidden = items.length === 0;
      find(".nothing", section).hidden = items.length > 0;
      const files = items.filter(({ kind }) => kind === "file");
      const bytes = files.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0);
      const count = `${files.length} ${files.length === 1 ? "file" : "files"}`;
      find(".sum", section).textContent = `${count}, ${formatBytes(bytes)}`;
      showCalls(find(".calls", section), news.calls);
      tree.show(items, news.changes);
      const where = `${home} in ${title}`;
      find("[data-do=photo]", section).setAttribute("aria-label", `Add a sample photo to ${where}`);
      find("[data-do=upload]", section).setAttribute("aria-label", `Upload to ${where}`);
      find("[data-do=folder]", section).setAttribute("aria-label", `New folder in ${where}`);
    },
    refresh: tree.refresh,
  };
}

/** How often the service has called Syncline; a new call shows for a moment. */
function showCalls(element, calls) {
  if (element.dataset.calls === String(calls)) return;
  const isNew = element.dataset.calls !== undefined;
  element.dataset.calls = String(calls);
  element.textContent = calls === 1 ? "called Syncline once" : `called Syncline ${calls} times`;
  element.classList.toggle("ringing", isNew);
  element.addEventListener("animationend", () => element.classList.remove("ringing"), {
    once: true,
  });
}

/** Says what went wrong; nothing that a person started may fail silently. */
function tell(work) {
  Promise.resolve(work).catch((error) => announce(error.message, "bad"));
}

/** Drops go to the folder under the pointer, or to the panel's own. */
function takeDrops(section, list, drop) {
  const folderAt = (event) => {
    const row = event.target.closest?.("li");
    if (!row || !list.contains(row)) return null;
    return row.item.kind === "folder" ? row : row.parentElement.closest("li");
  };
  const mark = (row) => {
    for (const old of section.querySelectorAll(".target")) old.classList.remove("target");
    row?.classList.add("target");
  };
  section.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    section.classList.add("dropping");
    mark(folderAt(event));
  });
  const end = () => {
    section.classList.remove("dropping");
    mark(null);
  };
  section.addEventListener("dragleave", (event) => {
    if (!section.contains(event.relatedTarget)) end();
  });
  section.addEventListener("drop", (event) => {
    event.preventDefault();
    drop(event.dataTransfer, folderAt(event)?.item);
    end();
  });
}
