import { contentAddress, readText, saveText } from "./cloud-api.js";
import { find, make } from "./dom.js";

/** The page's dialogs. Each resolves when the person has decided. */

for (const dialog of document.querySelectorAll("dialog")) {
  for (const button of dialog.querySelectorAll("[data-close]")) {
    button.addEventListener("click", () => dialog.close(""));
  }
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close("");
  });
}

/** Asks for a name; null when given up. `value` is what stands there, selected up to the extension. */
export async function askName({ title, label, value, action }) {
  const input = prepare({ title, hint: "", action, danger: false });
  find("#ask label").hidden = false;
  find("#ask label span").textContent = label;
  input.value = value;
  input.required = true;
  const opened = decided(find("#ask"));
  input.focus();
  const dot = value.lastIndexOf(".");
  input.setSelectionRange(0, dot > 0 ? dot : value.length);
  return (await opened) === "ok" ? input.value : null;
}

/** Asks whether to go on. */
export async function confirm({ title, hint, action }) {
  const input = prepare({ title, hint, action, danger: true });
  find("#ask label").hidden = true;
  input.required = false;
  return (await decided(find("#ask"))) === "ok";
}

function prepare({ title, hint, action, danger }) {
  find("#ask h2").textContent = title;
  find("#ask .hint").textContent = hint;
  find("#ask .hint").hidden = hint === "";
  const button = find("#ask .primary");
  button.textContent = action;
  button.classList.toggle("danger", danger);
  return find("#ask input");
}

/** Edits a text file in place; true when it was saved. */
export async function editText(cloud, item) {
  const area = find("#edit textarea");
  find("#edit h2").textContent = item.name;
  area.value = await readText(cloud, item);
  const before = area.value;
  const opened = decided(find("#edit"));
  area.focus();
  area.setSelectionRange(0, 0);
  if ((await opened) !== "ok" || area.value === before) return false;
  await saveText(cloud, item.id, area.value);
  return true;
}

find("#edit textarea").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) find("#edit .primary").click();
});

/** Shows a picture; true when the person wants to have it. */
export async function showPicture(cloud, item) {
  find("#preview h2").textContent = item.name;
  const picture = make("img", { src: contentAddress(cloud, item), alt: item.name });
  find("#preview img").replaceWith(picture);
  return (await decided(find("#preview"))) === "download";
}

function decided(dialog) {
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true });
  });
}
