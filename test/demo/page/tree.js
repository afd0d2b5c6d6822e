import { contentAddress } from "./cloud-api.js";
import { formatBytes, formatWhen, icon, make } from "./dom.js";

/** One cloud's folders and files as nested lists; rows keep their element while their item lives. */

const pictures = /\.(png|jpe?g|gif|webp|avif|bmp)$/i;
const texts = /\.(txt|md|csv|tsv|json|ya?ml|xml|html?|css|js|ts|log|ini|toml|svg)$/i;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const arrivalMs = 20_000;
const largestThumbBytes = 16 * 1024 ** 2;
const largestTextBytes = 256 * 1024;

export const isPicture = (item) => item.kind === "file" && pictures.test(item.name);
export const isText = (item) =>
  item.kind === "file" && texts.test(item.name) && item.sizeBytes <= largestTextBytes;

/**
 * `open(item)` and `more(item, button)` are called when a person picks a row or its menu. `statusOf(item)`
 * gives `{ state, label }` or null.
 */
export function createTree(list, { cloud, open, more, statusOf }) {
  const rows = new Map();
  const closed = new Set();
  /** Items that just came from another cloud, with what is said of it and until when. */
  const arrivals = new Map();

  function show(items, changes) {
    const alive = new Set(items.map(({ id }) => id));
    for (const [id, row] of rows) {
      if (alive.has(id)) continue;
      row.remove();
      rows.delete(id);
    }
    for (const { item, afterMs } of changes) {
      if (afterMs === null) continue;
      const text = `after ${(afterMs / 1000).toFixed(1)} s`;
      arrivals.set(item.id, { text, untilMs: Date.now() + arrivalMs });
    }
    arrange(list, null, items);
    for (const { item, type } of changes) if (type !== "removed") flash(item.id);
  }

  function arrange(parentList, parent, items) {
    const children = items
      .filter((item) => item.parent === parent)
      .sort((a, b) => (a.kind !== b.kind ? (a.kind === "folder" ? -1 : 1) : byName(a, b)));
    children.forEach((item, index) => {
      const row = rows.get(item.id) ?? createRow(item);
      rows.set(item.id, row);
      updateRow(row, item);
      if (parentList.children[index] !== row)
        parentList.insertBefore(row, parentList.children[index] ?? null);
      if (item.kind === "folder") arrange(row.lastElementChild, item.id, items);
    });
  }

  function createRow(item) {
    const name = make("button", { type: "button", className: "name" });
    const menu = make(
      "button",
      { type: "button", className: "more", "aria-haspopup": "menu" },
      icon("more"),
    );
    const row = make(
      "div",
      { className: "row" },
      make("span", { className: "sign" }),
      name,
      make("span", { className: "size" }),
      make("time", { className: "when" }),
      make("span", { className: "status" }),
      menu,
    );
    const element = make("li", {}, row);
    if (item.kind === "folder") element.append(make("ul"));
    const current = () => element.item;
    name.addEventListener("click", () => {
      if (current().kind === "folder") toggle(current());
      else open(current());
    });
    menu.addEventListener("click", () => more(current(), menu));
    row.addEventListener("contextmenu", (event) => {
      event.preventDefault();
      more(current(), menu);
    });
    return element;
  }

  function toggle(item) {
    if (!closed.delete(item.id)) closed.add(item.id);
    updateRow(rows.get(item.id), item);
  }

  function updateRow(element, item) {
    element.item = item;
    const [sign, name, size, when, status, menu] = element.firstElementChild.children;
    name.textContent = item.name;
    name.title = item.name;
    menu.setAttribute("aria-label", `More for ${item.name}`);
    if (item.kind === "folder") {
      const open = !closed.has(item.id);
      name.setAttribute("aria-expanded", String(open));
      element.lastElementChild.hidden = !open;
    } else {
      size.textContent = formatBytes(item.sizeBytes ?? 0);
      const at = new Date(item.modifiedAt);
      when.dateTime = item.modifiedAt;
      const arrival = arrivalOf(item);
      when.textContent = arrival ?? formatWhen(at);
      when.classList.toggle("arrived", arrival !== null);
      when.title = at.toLocaleString();
    }
    sign.replaceChildren(...signOf(sign, item));
    showStatus(status, statusOf(item));
  }

  function arrivalOf({ id }) {
    const arrival = arrivals.get(id);
    if (!arrival) return null;
    if (arrival.untilMs > Date.now()) return arrival.text;
    arrivals.delete(id);
    return null;
  }

  function signOf(sign, item) {
    if (item.kind === "folder") return [icon("chevron"), icon("folder")];
    if (!isPicture(item) || item.sizeBytes > largestThumbBytes || item.sizeBytes === 0) {
      return [icon(isText(item) ? "text" : "file")];
    }
    const address = contentAddress(cloud, item);
    const shown = sign.querySelector("img");
    if (shown?.getAttribute("src") === address) return [shown];
    return [make("img", { alt: "", loading: "lazy", src: address })];
  }

  function flash(id) {
    const element = rows.get(id);
    if (!element) return;
    element.classList.remove("new");
    // Reading the layout lets the same animation begin anew.
    element.getBoundingClientRect();
    element.classList.add("new");
    reveal(element.firstElementChild);
    element.addEventListener("animationend", () => element.classList.remove("new"), { once: true });
  }

  /** Where the list scrolls by itself, what is new is brought into sight; the page is left where it is. */
  function reveal(row) {
    if (list.scrollHeight <= list.clientHeight) return;
    // Nothing moves away under a person who has a menu open.
    if (list.querySelector(".more[aria-expanded=true]")) return;
    const [place, frame] = [row.getBoundingClientRect(), list.getBoundingClientRect()];
    const above = place.top - frame.top;
    const below = place.bottom - frame.bottom;
    const top = above < 0 ? above : Math.max(0, below);
    if (top !== 0) list.scrollBy({ top, behavior: calm.matches ? "auto" : "smooth" });
  }

  list.addEventListener("keydown", (event) => step(event, list));
  return {
    show,
    /** Brings times and states up to date. */
    refresh() {
      for (const row of rows.values()) updateRow(row, row.item);
    },
  };
}

function showStatus(element, status) {
  const shown = status ? `${status.state} ${status.label}` : "";
  if (element.dataset.shown === shown) return;
  element.dataset.shown = shown;
  element.dataset.state = status?.state ?? "";
  element.title = status?.label ?? "";
  const label = status ? [make("span", { className: "unseen", textContent: status.label })] : [];
  element.replaceChildren(...(status?.state === "same" ? [icon("check")] : []), ...label);
}

/** Arrow keys, Home and End go from row to row. */
function step(event, list) {
  const names = [...list.querySelectorAll(".name")].filter((name) => name.checkVisibility());
  const at = names.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: names.length - 1 }[event.key];
  if (at >= 0 && to !== undefined) {
    event.preventDefault();
    names[to]?.focus();
  }
}

const byName = (a, b) => a.name.localeCompare(b.name, undefined, { numeric: true });
