import type { Pages } from "./page.ts";

/** How accounts and rules come to be, and whether all is well with them. */
export const setUpPages: Pages = {
  init: {
    about: [
      "It asks for nothing. Beside the configuration it writes syncline.schema.json, by which editors complete and check it. A file that is there stays unless --force is given.",
    ],
    exit: { 0: "both files are written", 1: "they can't be written", 2: "the file exists already" },
    examples: [
      ["syncline init", "syncline.yaml in this folder"],
      ["syncline init --config /etc/syncline.yaml", "in another place"],
    ],
    seeAlso: ["connect", "check"],
  },
  connect: {
    about: [
      "Opens the service's page in a browser and waits for what comes back on a port of this machine. With --no-browser it needs neither: OneDrive shows a code to be entered on any device, Dropbox and Google an address, and the code or address that they show at the end is pasted here.",
      "The refresh token is printed with the lines that belong into syncline.yaml, or written to a file with --write. It opens the account: keep it like a password. An account of the configuration is signed in anew with the app that stands there.",
      'Dropbox sends browsers back to http://localhost:53682/ (or your --port), which must be among the redirect URIs of your app exactly so; with --no-browser none is needed. Google apps of the type "Desktop" need no redirect URI; for the type "Web application" enter http://127.0.0.1:PORT/ and give that --port. Apps of Microsoft need http://localhost among the redirect URIs of "mobile and desktop applications"; with --no-browser none, but "allow public client flows" and no secret.',
    ],
    exit: { 0: "signed in", 1: "the service refused, or nobody came back" },
    environment: {
      "DROPBOX_APP_KEY, DROPBOX_APP_SECRET": "the app of dropbox",
      "GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET": "the app of google-drive",
      "ONEDRIVE_CLIENT_ID, ONEDRIVE_CLIENT_SECRET":
        "the app of onedrive; no secret for public clients",
    },
    examples: [
      ["syncline connect dropbox work-dropbox", "with a browser here"],
      [
        "syncline connect google-drive drive --no-browser --write /run/secrets/drive",
        "on a server; the token goes into a file",
      ],
      ['syncline connect google-drive marketing --drive "Marketing"', "a shared drive of Google"],
      [
        "syncline connect onedrive team --site contoso.sharepoint.com/sites/team",
        "the document library of a SharePoint site",
      ],
    ],
    seeAlso: ["accounts", "check"],
  },
  check: {
    about: [
      "Reads the configuration, asks every account who is signed in and what it may do, looks whether each rule's source folder is there, and tries where notices go without sending any. An account that gives no answer within 15 s is not well. It changes nothing.",
    ],
    exit: {
      0: "all is right",
      1: "an account, a rule or a notification is not; what to do is said",
      2: "wrong use, or the configuration itself is wrong",
    },
    examples: [
      ["syncline check", "after each change of the configuration"],
      ["syncline check --json", "for a deployment that stops where something is wrong"],
    ],
    seeAlso: ["doctor", "plan"],
  },
  doctor: {
    about: [
      "Versions, configuration, data folder, disk, clock, proxy, services, whether the public address leads to this very installation, accounts, age and permissions of their sign-ins, backup, limits of the system and how the rules stand. It changes nothing, and works beside a running serve, offline, and with a broken configuration.",
    ],
    exit: { 0: "nothing has to be mended", 1: "something has" },
    examples: [
      ["syncline doctor", "all that it looks at, with what to do"],
      ["syncline doctor --json", "the same for a monitor"],
    ],
    seeAlso: ["check", "status"],
  },
  accounts: {
    about: [
      "Reads the state alone and asks no service: who was signed in, how many items there were, and when the account was last read. Also beside a running process.",
    ],
    exit: { 0: "listed", 1: "the state can't be read" },
    examples: [["syncline accounts", "the accounts of the configuration and the dashboard"]],
    seeAlso: ["connect", "check", "rules"],
  },
  rules: {
    about: ["The rules of the configuration and of the dashboard, in their order."],
    exit: { 0: "listed", 1: "the state can't be read" },
    examples: [
      ["syncline rules", "all rules"],
      ["syncline rules apply rules.yaml", "makes those of the dashboard others"],
    ],
    seeAlso: ["rules apply", "status", "plan"],
  },
  "rules apply": {
    about: [
      "The file holds what the dashboard shows as YAML. What would be added and changed is shown, field by field, and done once you agree. Rules that the file does not name stay unless --prune is given; those of syncline.yaml are changed there and nowhere else.",
      "A serve or watch that is at work goes on with the new ones within seconds, and what they do not concern is not disturbed. A file of which anything is wrong changes nothing.",
    ],
    exit: {
      0: "done, nothing to do, or not wanted",
      1: "somebody has changed the rules meanwhile",
      2: "wrong use, or the file is not right",
    },
    examples: [
      ["syncline rules apply rules.yaml", "shows the difference, and asks"],
      ["syncline rules apply rules.yaml --prune --yes", "the rules are exactly those of the file"],
      ["syncline rules apply rules.yaml --dry-run --json", "the difference for a script"],
    ],
    seeAlso: ["rules", "plan"],
  },
};
