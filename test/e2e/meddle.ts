import type { Clouds } from "./clouds.ts";

/** What a person does on Dropbox between two moments of a run, in the folder `Photos`. */
export function meddle({ dropbox: { files } }: Clouds, random: () => number, turn: number): void {
  const present = files.tree().filter(({ kind }) => kind === "file");
  const some = present[Math.floor(random() * present.length)];
  for (let n = 0; n < 12; n++)
    files.put(`/Photos/turn ${turn % 5}/${turn}-${n}.txt`, `${turn} ${n}`);
  if (turn % 7 === 0) files.put(`/Photos/large ${turn}.bin`, { sizeBytes: 9_000_000, seed: turn });
  if (some && random() < 0.5) files.put(some.path, `edit ${turn}`);
  else if (some && !files.exists(`/Photos/moved ${turn}`))
    files.move(some.path, `/Photos/moved ${turn}`);
}
