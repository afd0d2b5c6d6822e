import { icon, make } from "./dom.js";

/** The rules as sentences: from where, to where, and what that means. */

const meanings = {
  copy: "Copies what is new or changed, and never removes.",
  "two-way": "Either side's changes go to the other.",
};

export function showRules(list, rules, homes, titles) {
  list.replaceChildren(
    ...rules.map(({ name, mode, from, to }) => {
      const between = mode === "two-way" ? ["both-ways", "and"] : ["arrow", "to"];
      return make(
        "li",
        {},
        make("h3", { className: "rule", textContent: name }),
        make(
          "p",
          { className: "route" },
          place(from, homes, titles),
          make("span", { className: "way" }, icon(between[0]), unseen(` ${between[1]} `)),
          place(to, homes, titles),
        ),
        make("p", { className: "hint", textContent: meanings[mode] }),
      );
    }),
  );
}

function place(cloud, homes, titles) {
  const folder = make("span", { className: "folder", textContent: `/${homes[cloud]}` });
  return make("span", { className: "place" }, `${titles[cloud]} `, folder);
}

const unseen = (textContent) => make("span", { className: "unseen", textContent });
