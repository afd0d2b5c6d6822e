import { z } from "zod";
import { ValueError } from "./units.ts";

/** Building stones of the configuration's schema. */

/** A text that `parse` turns into a value; its `ValueError` becomes the field's problem. */
export function parsed<T>(parse: (text: string) => T) {
  return z.string().transform((text, context) => attempt(context, () => parse(text)));
}

/** As `parsed`, for values with a unit: a bare number goes to `parse` too, which says what it lacks. */
export function measured<T>(parse: (text: string) => T) {
  return z
    .union([z.string(), z.number()])
    .transform((given, context) => attempt(context, () => parse(String(given))));
}

/** One text or a list of them. */
export function parsedList<T extends string | object>(parse: (text: string) => T, atLeast = 0) {
  const one = parsed(parse);
  const empty = "the list is empty: name at least one, or leave the field out";
  return z
    .union([one, z.array(one).min(atLeast, empty)])
    .transform((given): T[] => (Array.isArray(given) ? given : [given]));
}

/** `none` as null, all else as `parse` says. */
export function orNone<T>(parse: (text: string) => T): (text: string) => T | null {
  return (text) => (text.trim() === "none" ? null : parse(text));
}

interface IssueContext {
  addIssue(issue: { code: "custom"; message: string; params: { suggestion: string | null } }): void;
}

function attempt<T>(context: IssueContext, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    const { message, suggestion } = error;
    context.addIssue({ code: "custom", message, params: { suggestion } });
    return z.NEVER;
  }
}
