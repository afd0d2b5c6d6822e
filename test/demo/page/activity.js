import { find, formatBytes, formatWhen, icon, make } from "./dom.js";

/** The strip between the clouds: what Syncline said last, newest first. */

const kept = 100;
const looks = {
  upload: ["upload", "Uploaded", "to"],
  update: ["pencil", "Updated"],
  "create-folder": ["new-folder", "Made folder"],
  rename: ["rename", "Renamed"],
  move: ["arrow", "Moved"],
  trash: ["trash", "Moved to trash"],
  link: ["link", "Linked"],
  conflict: ["warn", "Kept both"],
  skip: ["pause", "Left alone"],
};

export function createActivity(section, titles) {
  const list = find(".lines", section);

  function add(said) {
    section.classList.add("busy");
    list.prepend(lineOf(said, titles));
    while (list.children.length > kept) list.lastElementChild.remove();
  }

  return {
    add,
    /** Before the server tells everything again. */
    clear: () => list.replaceChildren(),
    refresh() {
      for (const time of list.querySelectorAll("time")) {
        time.textContent = formatWhen(new Date(time.dateTime));
      }
    },
  };
}

function lineOf(said, titles) {
  const isDone = said.event === "done";
  const [sign, title, to = "in"] = headOf(said);
  const where = said.cloud === null ? "" : ` ${to} ${titles[said.cloud]}`;
  const at = new Date(said.at);
  const parts = [
    make(
      "p",
      { className: "verb" },
      make("span", {}, make("b", { textContent: title }), where),
      make("time", { dateTime: said.at, title: at.toLocaleString(), textContent: formatWhen(at) }),
    ),
  ];
  if (said.path !== undefined) parts.push(make("p", { className: "path" }, pathOf(said)));
  parts.push(make("p", { className: "outcome" }, ...(isDone ? proven(said) : []), wordsOf(said)));
  return make(
    "li",
    { className: isDone ? "" : "failed" },
    make("span", { className: "sign" }, icon(sign)),
    make("div", {}, ...parts),
  );
}

function headOf(said) {
  if (said.event === "problem") return ["warn", "Problem"];
  if (said.event === "held") return ["pause", `${said.rule} waits for a person`];
  const look = looks[said.do] ?? ["check", said.do];
  return said.event === "done" ? look : ["warn", `Could not ${said.do}`];
}

/** Bytes that were sent are linked, and told of, only when the service's hash has proven them. */
function proven({ do: verb, afterMs }) {
  const after = afterMs === null ? "" : ` after ${(afterMs / 1000).toFixed(1)} s`;
  const text = `${isSent(verb) ? "verified" : "done"}${after}`;
  return [make("span", { className: "proof" }, icon("check"), text)];
}

function wordsOf({ event, do: verb, bytes, why, message }) {
  const size = event === "done" ? [isSent(verb) ? formatBytes(bytes) : "no bytes sent"] : [];
  const words = [...size, message ?? why ?? ""].filter((each) => each !== "");
  return make("span", { className: "why", textContent: words.join(" · ") });
}

const isSent = (verb) => verb === "upload" || verb === "update";

function pathOf({ from, path }) {
  return from === undefined ? path : `${from} → ${path}`;
}
