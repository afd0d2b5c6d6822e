/** Small words for making and reading the page. */

/** The first element that a selector finds, which has to be there. */
export function find(selector, within = document) {
  const element = within.querySelector(selector);
  if (!element) throw new Error(`the page has no ${selector}`);
  return element;
}

/** An element with properties, `data-*` and `aria-*` among them, and children. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-")) element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}

/** One of the page's icons. */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `#${name}`);
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

/** `999 B`, `1.2 KiB`, `34 MiB`. */
export function formatBytes(bytes) {
  const units = ["B", "KiB", "MiB", "GiB"];
  let value = bytes;
  let unit = 0;
  for (; value >= 1023.5 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** `just now`, `4 min ago`, then the time of day or the date. */
export function formatWhen(at, now = Date.now()) {
  const seconds = (now - at.getTime()) / 1000;
  if (seconds < 45) return "just now";
  if (seconds < 3600) return `${Math.max(1, Math.round(seconds / 60))} min ago`;
  const today = new Date(now).toDateString() === at.toDateString();
  return today
    ? at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })
    : at.toLocaleDateString([], { day: "numeric", month: "short", year: "numeric" });
}

/** Shows a sentence for a few seconds; screen readers say it. */
export function announce(message, kind = "good") {
  const box = find(".arrivals");
  clearTimeout(announce.timer);
  box.hidden = false;
  box.dataset.kind = kind;
  box.textContent = message;
  announce.timer = setTimeout(
    () => {
      box.hidden = true;
    },
    kind === "bad" ? 8000 : 3500,
  );
}
