import { type Colours, paintBmp, paintPng } from "./pictures.ts";

/** A file that the story puts into the sample Dropbox. */
export interface Sample {
  /** Below the rule's folder. */
  readonly path: readonly string[];
  bytes(): Uint8Array;
}

/** What somebody adds in OneDrive. */
export const answer = {
  path: ["Rome 2026", "Notes", "next time.md"],
  text: "# Next time\n\n- the Appian Way by bicycle\n",
};

/** The folder that the story renames, and what it becomes. */
export const renamed = { from: "Rome", to: "Rome 2026" };
/** The file that the story edits, by its path after the rename. */
export const edited = { path: ["Rome 2026", "Notes", "where we ate.md"], text: editedNotes() };

const dusk: Colours = {
  sky: [64, 74, 140],
  horizon: [252, 176, 133],
  sun: [255, 241, 214],
  hills: [46, 38, 76],
};
const noon: Colours = {
  sky: [88, 164, 222],
  horizon: [222, 240, 246],
  sun: [255, 251, 232],
  hills: [30, 92, 84],
};
const lagoon: Colours = {
  sky: [120, 206, 224],
  horizon: [255, 226, 216],
  sun: [255, 255, 246],
  hills: [20, 116, 138],
};

/** What a person might bring home: nested folders, an emoji, accents, an empty file, one of 12 MiB. */
export const samples: readonly Sample[] = [
  text(["Rome", "Notes", "where we ate.md"], notes()),
  text(["Rome", "Notes", "to do.txt"], ""),
  photo(["Rome", "trevi 🌊.png"], noon, 3),
  photo(["Rome", "colosseum at dusk.png"], dusk, 5),
  photo(["Crète", "plage d’Elafonissi.png"], lagoon, 8),
  text(["Crète", "packing list.csv"], "item,packed\nhat,yes\nsun cream,no\nbook,yes\n"),
  {
    path: ["panorama from the Gianicolo.bmp"],
    bytes: () => paintBmp({ width: 4096, height: 1024, seed: 2, colours: dusk }),
  },
  text(
    ["hello.txt"],
    "Hello! Edit me in Dropbox and watch me change in Google Drive and OneDrive.\n",
  ),
];

function text(path: readonly string[], content: string): Sample {
  return { path, bytes: () => Buffer.from(content) };
}

function photo(path: readonly string[], colours: Colours, seed: number): Sample {
  return { path, bytes: () => paintPng({ width: 720, height: 480, seed, colours }) };
}

const subjects = ["the harbour", "lemon trees", "a quiet street", "the night train", "low tide"];

/** Photos for a person who has none at hand: each call gives the next one, under a name of its own. */
export function createFilm(): () => { readonly name: string; bytes(): Uint8Array } {
  let taken = 0;
  return () => {
    const subject = subjects[taken % subjects.length] ?? "";
    const round = Math.floor(taken / subjects.length);
    const colours = [noon, lagoon, dusk][taken % 3] ?? noon;
    taken += 1;
    const { bytes } = photo([], colours, 10 + taken);
    return { name: round === 0 ? `${subject}.png` : `${subject} ${round + 1}.png`, bytes };
  };
}

function notes(): string {
  return "# Where we ate\n\n- Da Enzo, Trastevere: carbonara, a long queue, worth it\n";
}

function editedNotes(): string {
  return `${notes()}- Bar San Calisto: coffee, standing\n`;
}
