// The licences of the packages that are part of the bundle, as these ask for.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const isLicence = (name) => /^(licen[cs]e|copying|notice|copyright)/i.test(name);

/** `folders` of packages, relative to `root`: one text for people, each licence once. */
export async function noticesOf(folders, root) {
  const byText = new Map();
  for (const folder of folders) {
    const path = join(root, folder);
    const own = JSON.parse(await readFile(join(path, "package.json"), "utf8"));
    const licence = own.license?.type ?? own.license;
    if (!licence) throw new Error(`${folder} names no licence: it may not be shipped`);
    const names = (await readdir(path)).filter(isLicence).sort();
    const texts = await Promise.all(names.map((name) => readFile(join(path, name), "utf8")));
    const whole = texts.map((text) => text.replaceAll("\r\n", "\n").trim()).join("\n\n");
    const key = whole || `${own.name} is under the licence ${licence} and comes without its text.`;
    byText.set(key, [...(byText.get(key) ?? []), `${own.name} ${own.version} (${licence})`]);
  }
  const parts = [...byText].map(([text, packages]) => `${packages.join("\n")}\n\n${text}\n`);
  const line = `\n${"-".repeat(80)}\n\n`;
  return ["Parts of Syncline's program are these packages of others.\n", ...parts].join(line);
}
