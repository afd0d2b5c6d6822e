import type { Rule } from "../../core/rule.ts";
import type { Engine } from "../engine.ts";
import { Refused } from "../problem.ts";
import { unknown } from "./kit.ts";

/** Rules by their names, and what keeps one from being made or changed. */

export type NamedFields = Readonly<Record<string, unknown>> & { readonly name: string };

/** `Refused` where there is none. */
export function findRule(name: string, engine: Engine): Rule {
  const found = engine.current().config.rules.find((each) => each.name === name);
  if (!found) throw unknown("rule", name);
  return found;
}

/** Of the dashboard; `Refused` when it stands in the file. */
export function findMade(name: string, engine: Engine): Rule {
  const found = findRule(name, engine);
  if (!engine.current().inFile.rules.has(name)) return found;
  throw inFile(`Rule "${name}"`, engine);
}

/** `Refused` where another rule goes by the name. */
export function refuseTaken(name: string, engine: Engine): void {
  if (engine.current().config.rules.every((each) => each.name !== name)) return;
  const message = `There is a rule "${name}" already: each rule needs its own name.`;
  throw new Refused(422, { code: "invalid", message, field: "name" });
}

/** What is there but its name is checked with everything else. */
export function fieldsOf(given: object): NamedFields {
  const { name } = given as { name?: unknown };
  if (typeof name === "string" && name !== "") return { ...given, name };
  throw new Refused(422, { code: "invalid", message: "A rule needs a name.", field: "name" });
}

/** What stands in the file is changed in the file. */
export function inFile(what: string, { file }: Engine): Refused {
  return new Refused(409, {
    code: "in-file",
    message: `${what} stands in ${file}.`,
    mend: "Change it there: it is read anew when it changes.",
  });
}
