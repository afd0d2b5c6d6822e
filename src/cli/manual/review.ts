import type { Pages } from "./page.ts";

const moved = "nothing is held any more, or not that set";

/** What waits for a person, and what was done. */
export const reviewPages: Pages = {
  conflicts: {
    about: [
      "Conflicts under review with both versions, and the removals or overwrites that a guard holds, each with the command that decides it. Also beside a running process.",
    ],
    exit: { 0: "listed, whether there are any or not", 1: "the state can't be read" },
    examples: [
      ["syncline conflicts", "what waits, and how it goes on"],
      ["syncline conflicts --json", "all items of each set"],
    ],
    seeAlso: ["resolve", "approve", "reject"],
  },
  resolve: {
    about: [
      "The next run carries it out: at once where a watch is at work. No policy destroys the losing version: it goes to the trash or stays a former version. What has changed since the conflict was found is not decided.",
    ],
    exit: { 0: "decided", 1: "a version has changed since; the next run looks at it again" },
    examples: [
      ["syncline resolve c12 --keep from", "the version of the source"],
      ["syncline resolve c12 --keep both", "both, under two names"],
    ],
    seeAlso: ["conflicts", "run"],
  },
  approve: {
    about: [
      "Counts for exactly the items that were shown, at the versions that they had: a set that grew is held anew.",
    ],
    exit: { 0: "the next run does it", 1: moved },
    examples: [
      ["syncline approve invoices", "all that is held of the rule"],
      ["syncline approve invoices --set 3fa9c1d2", "one set"],
    ],
    seeAlso: ["conflicts", "reject", "run"],
  },
  reject: {
    about: ["What was to be removed is put back from the other side by the next run."],
    exit: { 0: "dropped", 1: moved },
    examples: [
      ["syncline reject invoices", "all that is held of the rule"],
      ["syncline reject invoices --set 3fa9c1d2", "one set"],
    ],
    seeAlso: ["conflicts", "approve", "run"],
  },
  log: {
    about: [
      "Each step with its time, its run, its rule, the bytes and the reason, or the error. A rule that left the configuration keeps its log. With --json it is one document, with --follow one object a line.",
    ],
    exit: { 0: "shown, or ended by Ctrl-C", 1: "the state can't be read" },
    examples: [
      ["syncline log --since 1d", "what was done since yesterday"],
      ["syncline log --rule invoices --follow", "and what comes"],
      ["syncline log --since 2026-11-22 --json", "for a script"],
    ],
    seeAlso: ["explain", "undo", "audit export"],
  },
  explain: {
    about: [
      "Which rules see the item, its counterpart, what was last done for it, and, if it is not in step, the filter line, guard or error that is the reason. It reads the state alone: what the account was when it was last read.",
    ],
    exit: { 0: "told", 1: "nothing is known of it" },
    examples: [["syncline explain work-dropbox:/Invoices/2026.pdf", "one file, at either side"]],
    seeAlso: ["status", "log", "verify"],
  },
  undo: {
    about: [
      "Puts back what a run removed, overwrote, renamed or moved, and takes away what it made, at both sides, as far as nobody has changed it since. It is a run of its own, and can be undone too. What was replaced stays recoverable for 30 days.",
    ],
    exit: {
      0: "done",
      1: "something could not be put back; the same command tries the rest again",
      3: "refused: nothing can be put back",
      130: "interrupted; the same command goes on",
    },
    examples: [
      ["syncline undo --plan", "what would be put back of the newest run"],
      ["syncline undo 17", "run 17, as log shows it"],
      ["syncline undo --rule invoices", "the newest run of a rule"],
    ],
    seeAlso: ["log", "plan"],
  },
};
