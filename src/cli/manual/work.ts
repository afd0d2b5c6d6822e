import type { Pages } from "./page.ts";

const interrupted = "interrupted; what was done is kept, and the next run goes on from there";
const reload =
  "The configuration is read again when it changes, and on SIGHUP: rules that are as they were go on untouched. A wrong one is told of, and nothing of it is applied.";

/** What brings rules in step, and what shows and proves it. */
export const workPages: Pages = {
  status: {
    about: [
      "In step, working, waiting, held for a person, sign-in needed, failing, paused or never run; with what waits, since when, how long copies take, the last run and the next. It reads the state alone, and works beside a running process.",
    ],
    exit: {
      0: "told, however the rules stand",
      1: "the state can't be read",
      2: "wrong use, or the configuration is wrong, also where a process goes on with the former",
    },
    examples: [
      ["syncline status", "a table"],
      ["syncline status --json", "for a monitor; state is one word"],
    ],
    seeAlso: ["explain", "log", "conflicts"],
  },
  plan: {
    about: [
      "Reads both sides and tells step by step what a run would do, why, and how many bytes it moves. Nothing is changed at either side.",
      "With --out the plan is kept in a file. syncline apply carries out exactly that, or nothing where anything that it touches has moved on.",
    ],
    exit: {
      0: "planned; with --exit-code: there is nothing to do",
      1: "it could not be planned",
      4: "with --exit-code: there is something to do",
      130: interrupted,
    },
    examples: [
      ["syncline plan invoices", "what a run would do"],
      ["syncline plan invoices --out invoices.plan.json", "and a plan to be reviewed"],
      ["syncline plan invoices --exit-code --json", "for a script that acts on a difference"],
    ],
    seeAlso: ["apply", "run", "verify"],
  },
  verify: {
    about: [
      "Compares every file of the rule with its counterpart by the hashes that the services report, and transfers no content. What no hash covers is unproven unless --read or --sample has it read; what is learned so is remembered.",
    ],
    exit: {
      0: "both sides agree, and all of it is proven",
      1: "they could not be compared",
      4: "they differ, or not all is proven",
      130: interrupted,
    },
    examples: [
      ["syncline verify invoices", "by hashes alone"],
      ["syncline verify invoices --read", "and what has no hash by reading it"],
      ["syncline verify invoices --sample 5%", "or some of that, others each time"],
    ],
    seeAlso: ["plan", "explain"],
  },
  run: {
    about: [
      "One rule after the other, in the order of the file; what fails stops no other, and paused rules are left out. A file is linked only when the bytes read, the bytes sent and the hash that the service reports agree. It may be killed at any instant: the next run goes on, and there is never a second copy.",
      "It owns the data folder meanwhile; beside a running serve or watch it is refused. With --json it prints one object a rule, each on a line of its own.",
    ],
    exit: {
      0: "all are in step",
      1: "something could not be done; what could was",
      3: "something is held for a person",
      130: interrupted,
    },
    examples: [
      ["syncline run", "all rules"],
      ["syncline run invoices --verbose", "one, telling each step"],
    ],
    seeAlso: ["plan", "watch", "undo", "conflicts"],
  },
  watch: {
    about: [
      "Keeps rules in step without the dashboard: in a local folder the file system's events tell of changes, at services long poll or polling. Schedules are kept too. On SIGTERM what is in flight is finished or parked, within 10 s.",
      reload,
    ],
    exit: {
      0: "ended as it was asked to",
      1: "there is nothing to watch, or another process owns the data folder",
    },
    examples: [
      ["syncline watch", "all rules that are not paused"],
      ["syncline watch invoices --poll 1m", "one, asking its services once a minute"],
      ["syncline watch --json", "one object a line, for a program that listens"],
    ],
    seeAlso: ["serve", "run", "status"],
  },
  serve: {
    about: [
      "What watch does, and the dashboard at / of its address, the API below /api/v1, and the calls of services. The first start shows a code with which the first admin signs up. Without a syncline.yaml it begins with no rules: accounts and rules can be made in the dashboard too.",
      reload,
    ],
    exit: {
      0: "ended as it was asked to",
      1: "the port is taken, or another process owns the data folder",
    },
    environment: {
      SYNCLINE_PUBLIC_URL:
        "the https origin at which services reach this machine, through a proxy of yours that leads to --host and --port; without it changes are found by long poll and polling",
    },
    examples: [
      ["syncline serve", "on this machine alone"],
      ["syncline serve --host 0.0.0.0 --port 8080", "for others, behind a proxy that ends TLS"],
    ],
    seeAlso: ["watch", "status", "doctor"],
  },
  apply: {
    about: [
      "All destinations are looked at first: where anything that the plan touches is no longer as it was, nothing is done and what has changed is named. No guard asks again: a person has seen what goes. A file that was changed since it was written, or was written with another key than that of this state, is no plan.",
    ],
    exit: {
      0: "done",
      1: "something could not be done; what could was",
      3: "refused, as something moved on; or held for a person",
      130: interrupted,
    },
    examples: [["syncline apply invoices.plan.json", "what plan --out wrote"]],
    seeAlso: ["plan", "undo"],
  },
};
