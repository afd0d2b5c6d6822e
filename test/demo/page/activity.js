import { find, formatBytes, formatWhen, icon, make } from "./dom.js";

/** The strip between the clouds: what Syncline said last, newest first. */

const kept = 100;
const looks = {
  upload: ["upload", "Uploaded"],
  update: ["pencil", "Updated"],
  "create-folder": ["new-folder", "Made folder"],
  rename: ["rename", "Renamed"],
  move: ["arrow", "Moved"],
  trash: ["trash", "Moved to trash"],
  link: ["link", "Linked"],
  conflict: ["warn", "Kept both"],
  skip: ["pause", "Left alone"],
};

export function createActivity(section) {
  const list = find(".lines", section);

  function add(said) {
    section.classList.add("busy");
    list.prepend(lineOf(said));
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

function lineOf(said) {
  const failed = said.event !== "done";
  const [name, verb] = failed ? ["warn", "Could not"] : (looks[said.do] ?? ["check", said.do]);
  const bytes = said.do === "upload" || said.do === "update" ? formatBytes(said.bytes) : "";
  const title = said.event === "problem" ? "Problem" : failed ? `${verb} ${said.do}` : verb;
  const path = said.path === undefined ? [] : [make("p", { className: "path" }, pathOf(said))];
  const at = new Date(said.at);
  return make(
    "li",
    { className: failed ? "failed" : "" },
    make("span", { className: "sign" }, icon(name)),
    make(
      "div",
      {},
      make(
        "p",
        { className: "verb" },
        make("b", { textContent: title }),
        make("span", { textContent: bytes }),
        make("time", {
          dateTime: said.at,
          title: at.toLocaleString(),
          textContent: formatWhen(at),
        }),
      ),
      ...path,
      make("p", { className: "why", textContent: said.message ?? said.why }),
    ),
  );
}

function pathOf({ from, path }) {
  return from === undefined ? path : `${from} → ${path}`;
}
