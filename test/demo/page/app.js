import { createActivity } from "./activity.js";
import { createArrivals } from "./arrivals.js";
import { find } from "./dom.js";
import { createPanel } from "./panel.js";
import { showRules } from "./rules.js";

/** The page: all clouds, kept up to date by the server's events. */

const { rules, homes, yaml, command } = await (await fetch("/setup")).json();
const titles = { dropbox: "Dropbox", drive: "Google Drive", onedrive: "OneDrive" };
const clouds = Object.keys(titles);
const items = { dropbox: [], drive: [], onedrive: [] };
const lateMs = 20_000;

showRules(find(".rules"), rules, homes, titles);
for (const [name, text] of Object.entries({ yaml, command })) {
  find(`[data-setup=${name}]`).textContent = text;
}
const { view } = document.body.dataset;
find(`[data-for=${view}]`).setAttribute("aria-current", "page");
if (view !== "all") document.title = `${titles[view]} - Syncline demo`;

/** Where what lies in a cloud is brought to, and where it comes from where nothing is brought. */
const outOf = (cloud) =>
  rules.flatMap(({ mode, from, to }) => {
    if (from === cloud) return [to];
    return to === cloud && mode === "two-way" ? [from] : [];
  });
const into = (cloud) => rules.flatMap(({ from, to }) => (to === cloud ? [from] : []));

/** The path below the rules' folder; null elsewhere. */
function pathInRules(cloud, path) {
  return path.startsWith(`${homes[cloud]}/`) ? path.slice(homes[cloud].length + 1) : null;
}

/** When a file was first seen without its like elsewhere. */
const waiting = new Map();

function statusOf(cloud, item) {
  const path = pathInRules(cloud, item.path);
  if (path === null || item.kind === "folder") return null;
  const isIn = (other) =>
    items[other].some(
      (each) => each.contentHash === item.contentHash && pathInRules(other, each.path) === path,
    );
  const others = outOf(cloud);
  const names = (list) => list.map((other) => titles[other]).join(" and ");
  const lacking = (others.length > 0 ? others : into(cloud)).filter((other) => !isIn(other));
  if (lacking.length === 0) {
    waiting.delete(item.id);
    return {
      state: "same",
      label: `The same in ${names(others.length > 0 ? others : into(cloud))}`,
    };
  }
  if (others.length === 0)
    return { state: "alone", label: "Only here: nothing is brought from here" };
  const since = waiting.get(item.id) ?? Date.now();
  waiting.set(item.id, since);
  return Date.now() - since > lateMs
    ? { state: "alone", label: `${names(lacking)} has another one, or none` }
    : { state: "moving", label: `On its way to ${names(lacking)}` };
}

const trashHints = {
  dropbox: "It goes to the trash in OneDrive too; Google Drive keeps its copy.",
  drive: "Only this copy goes: what is in Dropbox stays.",
  onedrive: "It goes to the trash in Dropbox too; Google Drive keeps its copy.",
};

const panels = {};
for (const cloud of clouds) {
  panels[cloud] = createPanel(find(`[data-cloud=${cloud}]`), {
    cloud,
    title: titles[cloud],
    home: homes[cloud],
    sends: outOf(cloud).length > 0,
    trashHint: (item) =>
      pathInRules(cloud, item.path) === null
        ? "It can be brought back from the trash."
        : trashHints[cloud],
    statusOf: (item) => statusOf(cloud, item),
  });
}
const activity = createActivity(find(".said"), titles);
const tellArrivals = createArrivals(titles);

function showState(state) {
  const label = {
    live: "In step",
    moving: "Working",
    connecting: "Connecting",
    lost: "Not running",
  };
  const shown = find(".state");
  if (shown.dataset.state === state) return;
  shown.dataset.state = state;
  find(".state span").textContent = label[state];
}

function refresh() {
  for (const cloud of clouds) panels[cloud].refresh();
  activity.refresh();
  if (events.readyState !== EventSource.OPEN) return;
  const moving = clouds.some((cloud) =>
    items[cloud].some((item) => statusOf(cloud, item)?.state === "moving"),
  );
  showState(moving ? "moving" : "live");
}

const events = new EventSource("/events");
events.addEventListener("open", () => activity.clear());
// The browser tries again by itself.
events.addEventListener("error", () => showState("lost"));
events.addEventListener("cloud", ({ data }) => {
  const news = JSON.parse(data);
  items[news.cloud] = news.items;
  panels[news.cloud].show(news);
  tellArrivals(news);
  refresh();
});
events.addEventListener("said", ({ data }) => activity.add(JSON.parse(data)));
setInterval(refresh, 5000);
