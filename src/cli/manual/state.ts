import type { Pages } from "./page.ts";

const ofItsCommands = { 0: "as its commands say", 2: "none of its commands was named" };

/** The state and its key, who did what, and what scripts need. */
export const statePages: Pages = {
  audit: {
    about: [
      "A row for every call to a service that was to change something, whatever came of it, and for what people, API keys and commands did. Each row covers the one before it; what is sealed can't be altered unseen.",
    ],
    exit: ofItsCommands,
    examples: [
      ["syncline audit verify", "proves the log"],
      ["syncline audit export --since 1d", "prints it"],
      ["syncline audit head >> heads.jsonl", "a signature to be kept elsewhere"],
    ],
    seeAlso: ["audit verify", "audit export", "audit head", "log"],
  },
  "audit verify": {
    about: [
      "Proves each row by its hash, the hashes by the seals, the seals by the data folder's key, and all of it by heads that were kept where nobody here could alter them. Also beside a running serve.",
    ],
    exit: { 0: "it is whole", 1: "it is not, and the first row that is not is named" },
    examples: [
      ["syncline audit verify", "by what is here"],
      ["syncline audit verify --head /mnt/usb/heads.jsonl", "and by what was kept elsewhere"],
    ],
    seeAlso: ["audit head", "audit export"],
  },
  "audit export": {
    about: [
      "As JSON Lines or CSV. Whoever has all rows can prove them again. Never a secret, never content.",
    ],
    exit: { 0: "printed", 1: "the state can't be read" },
    examples: [
      ["syncline audit export > audit.jsonl", "all of it"],
      ["syncline audit export --since 7d --format csv", "the last week, for a spreadsheet"],
    ],
    seeAlso: ["audit verify", "log"],
  },
  "audit head": {
    about: [
      "It shows later that rows up to it were neither altered nor cut off, also to whoever has the key: keep it where this machine can't write.",
    ],
    exit: { 0: "printed", 1: "the log is not whole, or the key is not there: nothing is signed" },
    examples: [["syncline audit head >> /mnt/usb/heads.jsonl", "once a day, say"]],
    seeAlso: ["audit verify"],
  },
  backup: {
    about: [
      "The file is a SQLite database: what is known of both sides, links, what is under way, the log, rules, accounts and people of the dashboard, as they were at one moment, proven whole. Not in it: your files, the configuration file, who is signed in to the dashboard at present, and the key.",
      'Tokens in it are sealed with the key (SYNCLINE_KEY, SYNCLINE_KEY_FILE, or "key" in the data folder): keep it apart, so that whoever finds the one has not got the other.',
    ],
    exit: {
      0: "done",
      1: "it could not be made",
      2: "wrong use, such as a file that is there already",
    },
    examples: [
      ["syncline backup /backups/syncline.sqlite", "also while serve is at work"],
      ["syncline backup today.sqlite --force", "in the place of a former one"],
    ],
    seeAlso: ["restore", "key check"],
  },
  restore: {
    about: [
      "Refused while a program is at work in the data folder. The key of the time of the backup belongs into its place too.",
      "The next run compares the state with what is there now: what was copied since is recognised by its content, and nothing is sent twice.",
    ],
    exit: { 0: "done", 1: "refused, or the file is no whole backup" },
    examples: [["syncline restore /backups/syncline.sqlite", "what was there is kept beside it"]],
    seeAlso: ["backup", "key rotate"],
  },
  decrypt: {
    about: [
      "Without --identity and --passphrase-file the keys are those of the rules that write there. Encrypted names are known by themselves. Each file is there whole or not at all; after an interruption the same command goes on with the rest. With --json it is one object a line: each file, then the sums.",
      "The files are plain age files: age -d -i key.txt file.age > file does the same for one of them.",
    ],
    exit: {
      0: "done",
      1: "some files could not be decrypted",
      130: "interrupted; the same command goes on with the rest",
    },
    examples: [
      ["syncline decrypt drive:/Vault ./restored", "with the keys of the configuration"],
      [
        "syncline decrypt ./vault ./restored --identity key.txt",
        "a folder of this machine, without a configuration",
      ],
    ],
    seeAlso: ["verify", "restore"],
  },
  key: {
    about: ["Tokens, sessions of uploads and second factors are sealed with it in the state."],
    exit: ofItsCommands,
    examples: [
      ["syncline key check", "which key it is, and that it opens everything"],
      ["syncline key rotate", "a new one"],
    ],
    seeAlso: ["key check", "key rotate"],
  },
  "key check": {
    about: [
      "A key is named by twelve digits, from which it can't be had. Also beside a running serve.",
    ],
    exit: {
      0: "it opens everything",
      1: "some of it is damaged",
      2: "wrong use, or it is another key",
    },
    examples: [["syncline key check", "after a restore, say"]],
    seeAlso: ["key rotate", "backup"],
  },
  "key rotate": {
    about: [
      'Where the key is the file "key" in the data folder, the new one takes its place, and the former one is kept beside it as key.ID: a backup opens with the key of its time. Where SYNCLINE_KEY or SYNCLINE_KEY_FILE gives it, so must you the new one, and change that setting after. A restored backup of before is sealed with today\'s key by --from-key-file. Killed at any instant, the state opens with the key that it names, and the next start finishes what is left to do.',
      "Everybody signs in to the dashboard anew. Second factors, passkeys and API keys stay as they are. Whoever has had both the former key and the state has had the tokens in it: end the sign-ins at the services too, then sign in anew.",
    ],
    exit: { 0: "done", 1: "refused or failed", 2: "wrong use, or a wrong key" },
    environment: { SYNCLINE_NEW_KEY: "the new key; --new-key-file goes before it" },
    examples: [
      ["syncline key rotate", "a key of its own making"],
      ["SYNCLINE_NEW_KEY=$(openssl rand -base64 32) syncline key rotate", "one of yours"],
      [
        "syncline key rotate --from-key-file data/key.3fa9c1d2e4b0",
        "after the restore of a backup from before",
      ],
    ],
    seeAlso: ["key check", "restore"],
  },
  schema: {
    about: [
      "Draft 2020-12, of one document, or of each line where a command prints one object a line. Fields may be added by later versions; what is there stays. In the package stands syncline-output.schema.json with all of them.",
    ],
    exit: { 0: "printed", 2: "there is no such command" },
    examples: [
      ["syncline schema", "which there are"],
      ["syncline schema status", "that of syncline status --json"],
      ["syncline schema rules apply", "of a command of two words"],
      ["syncline schema --all", "all, as one document"],
    ],
    seeAlso: ["completion", "status", "run"],
  },
  completion: {
    about: [
      "Names of rules and accounts are those of the configuration that --config, SYNCLINE_CONFIG or the folder gives.",
    ],
    exit: { 0: "printed", 2: "there is none for that shell" },
    examples: [
      ["source <(syncline completion bash)", "in ~/.bashrc"],
      ["source <(syncline completion zsh)", "in ~/.zshrc, behind compinit"],
      ["syncline completion fish > ~/.config/fish/completions/syncline.fish", "once"],
    ],
    seeAlso: ["schema"],
  },
};
