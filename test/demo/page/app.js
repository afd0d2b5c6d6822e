import { createActivity } from "./activity.js";
import { announce, find } from "./dom.js";
import { createPanel } from "./panel.js";

/** The page: both clouds, kept up to date by the server's events. */

const rule = await (await fetch("/rule")).json();
const items = { dropbox: [], drive: [] };
const titles = { dropbox: "Dropbox", drive: "Google Drive" };
const homes = { dropbox: rule.from, drive: rule.to };
const other = { dropbox: "drive", drive: "dropbox" };
const lateMs = 20_000;

for (const [name, text] of Object.entries({
  ...rule,
  from: `/${rule.from}`,
  to: `/${rule.to}`,
})) {
  for (const place of document.querySelectorAll(`[data-rule=${name}]`)) place.textContent = text;
}
const { view } = document.body.dataset;
find(`[data-for=${view}]`).setAttribute("aria-current", "page");
if (view !== "both") document.title = `${titles[view]} - Syncline demo`;

/** The path below the rule's folder; null elsewhere. */
function pathInRule(cloud, path) {
  return path.startsWith(`${homes[cloud]}/`) ? path.slice(homes[cloud].length + 1) : null;
}

/** When a file was first seen without its like on the other side. */
const waiting = new Map();

function statusOf(cloud, item) {
  const path = pathInRule(cloud, item.path);
  if (path === null || item.kind === "folder") return null;
  const there = items[other[cloud]].find((each) => pathInRule(other[cloud], each.path) === path);
  if (there?.contentHash === item.contentHash) {
    waiting.delete(item.id);
    return { state: "same", label: `The same in ${titles[other[cloud]]}` };
  }
  if (cloud === "drive")
    return { state: "alone", label: "Only here: the rule copies the other way" };
  const since = waiting.get(item.id) ?? Date.now();
  waiting.set(item.id, since);
  return Date.now() - since > lateMs
    ? { state: "alone", label: "Google Drive has another one, or none" }
    : { state: "moving", label: "On its way to Google Drive" };
}

function trashHint(cloud) {
  return (item) => {
    if (pathInRule(cloud, item.path) === null) return "It can be brought back from the trash.";
    return cloud === "dropbox"
      ? "The rule copies and never removes: the copy in Google Drive stays."
      : "Only this copy goes: what is in Dropbox stays.";
  };
}

const panels = {};
for (const cloud of ["dropbox", "drive"]) {
  panels[cloud] = createPanel(find(`[data-cloud=${cloud}]`), {
    cloud,
    title: titles[cloud],
    home: () => homes[cloud],
    trashHint: trashHint(cloud),
    statusOf: (item) => statusOf(cloud, item),
  });
}
const activity = createActivity(find(".said"));

function showState(state) {
  const label = {
    live: "In step",
    moving: "Working",
    connecting: "Connecting",
    lost: "Not running",
  };
  find(".state").dataset.state = state;
  find(".state span").textContent = label[state];
}

function refresh() {
  panels.dropbox.refresh();
  panels.drive.refresh();
  activity.refresh();
  if (events.readyState !== EventSource.OPEN) return;
  const moving = items.dropbox.some((item) => statusOf("dropbox", item)?.state === "moving");
  showState(moving ? "moving" : "live");
}

/** One sentence for what just reached Drive. */
function tellArrivals({ changes }) {
  const arrived = changes.filter(({ afterMs }) => afterMs !== null);
  const [first] = arrived;
  if (!first) return;
  const name = arrived.length === 1 ? first.item.name : `${arrived.length} changes`;
  const seconds = (Math.max(...arrived.map(({ afterMs }) => afterMs)) / 1000).toFixed(1);
  announce(`${name} reached Google Drive after ${seconds} s`);
}

const events = new EventSource("/events");
events.addEventListener("open", () => activity.clear());
// The browser tries again by itself.
events.addEventListener("error", () => showState("lost"));
events.addEventListener("cloud", ({ data }) => {
  const news = JSON.parse(data);
  items[news.cloud] = news.items;
  panels[news.cloud].show(news);
  if (news.cloud === "drive") tellArrivals(news);
  refresh();
});
events.addEventListener("said", ({ data }) => activity.add(JSON.parse(data)));
setInterval(refresh, 5000);
