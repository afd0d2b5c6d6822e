import { find, icon, make } from "./dom.js";

/** The one menu of the page; it opens below the button that asked for it. */

const menu = find("#menu");
let owner = null;

/** `entries`: `{ icon, label, run, danger? }`, or null for a line between groups. */
export function openMenu(button, entries) {
  owner = button;
  menu.replaceChildren(
    ...entries.map((entry) => (entry === null ? make("hr") : createEntry(entry))),
  );
  menu.showPopover();
  stand();
  button.setAttribute("aria-expanded", "true");
  menu.querySelector("button").focus();
}

/** Below the button, or above it where there is no room. */
function stand() {
  const place = owner.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const below = place.bottom + 4 + height <= innerHeight;
  menu.style.top = `${Math.max(8, below ? place.bottom + 4 : place.top - height - 4)}px`;
  menu.style.left = `${Math.max(8, Math.min(place.right - width, innerWidth - width - 8))}px`;
}

function createEntry({ icon: name, label, run, danger = false }) {
  const button = make("button", { type: "button", role: "menuitem" }, icon(name), label);
  button.classList.toggle("danger", danger);
  button.addEventListener("click", () => {
    menu.hidePopover();
    run();
  });
  return button;
}

menu.addEventListener("keydown", (event) => {
  const buttons = [...menu.querySelectorAll("button")];
  const at = buttons.indexOf(document.activeElement);
  const last = buttons.length - 1;
  const to = {
    ArrowDown: at === last ? 0 : at + 1,
    ArrowUp: at <= 0 ? last : at - 1,
    Home: 0,
    End: last,
  }[event.key];
  if (event.key === "Tab") menu.hidePopover();
  if (to === undefined) return;
  event.preventDefault();
  buttons[to].focus();
});

menu.addEventListener("toggle", ({ newState }) => {
  if (newState === "closed") owner?.setAttribute("aria-expanded", "false");
});
// A list may still be scrolling to what is new when it opens: it goes along with its button.
addEventListener(
  "scroll",
  ({ target }) => {
    if (menu.matches(":popover-open") && target.contains(owner)) stand();
  },
  true,
);
