import { z } from "zod";
import { nearest } from "../config/nearest.ts";
import { type Documents, documents, failure } from "./documents.ts";
import { exitCodes, UsageError } from "./failure.ts";
import type { Shell } from "./shell.ts";
import { table } from "./table.ts";

export interface SchemaFlags {
  readonly all?: true;
}

/** Prints the JSON Schema of what a command prints with `--json`; without a command, which there are. */
export function schema(shell: Shell, words: readonly string[], flags: SchemaFlags): number {
  const { output } = shell;
  const name = words.join(" ");
  if (name !== "" && flags.all) throw new UsageError("--all is every command: name none with it");
  if (name === "" && !flags.all) {
    const schemas = Object.entries(documents).map(([command, { form, about }]) => ({
      command,
      form,
      about,
    }));
    output.document({ schemas });
    const rows = schemas.map(({ command, form, about }) => [
      output.style("bold", command),
      form === "lines" ? "one object a line" : "one document",
      about,
    ]);
    output.print(table(rows, { head: ["COMMAND", "PRINTS", "WHAT IT IS"] }));
    return exitCodes.done;
  }
  const found = flags.all ? allSchemas() : schemaOf(name, described(name));
  output.document(found);
  output.print(JSON.stringify(found, null, 2));
  return exitCodes.done;
}

function described(name: string): Documents {
  const known = Object.hasOwn(documents, name) ? documents[name] : undefined;
  if (known) return known;
  const near = nearest(name, Object.keys(documents));
  const meant = near === null ? "" : `; did you mean "${near}"?`;
  throw new UsageError(`there is no command "${name}" with --json${meant} (syncline schema)`);
}

const dialect = "https://json-schema.org/draft/2020-12/schema";

/** What one command prints, or the error in its place. It leaves room for fields that later versions add. */
export function schemaOf(name: string, { form, about, schema }: Documents): object {
  const place = form === "lines" ? "Each line of stdout" : "The document on stdout";
  return {
    $schema: dialect,
    title: `syncline ${name} --json`,
    description: `${about} ${place}.`,
    anyOf: [jsonOf(schema), { $ref: "#/$defs/error" }],
    $defs: { error: jsonOf(failure) },
  };
}

/** All of them in one: `$defs` by the command's words. */
export function allSchemas(): object {
  const each = Object.entries(documents).map(([name, { about, schema }]) => [
    name,
    { description: about, ...jsonOf(schema) },
  ]);
  return {
    $schema: dialect,
    title: "syncline --json",
    description: "What each command prints with --json; any of them may print an error instead.",
    $defs: { ...Object.fromEntries(each), error: jsonOf(failure) },
  };
}

/** Without what says nothing to a reader: that numbers are safe, and what an instant looks like. */
function jsonOf(schema: z.ZodType): object {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io: "input",
    override({ jsonSchema }) {
      if (jsonSchema.format === "date-time") delete jsonSchema.pattern;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      delete jsonSchema.readOnly;
      if (jsonSchema.type === "object") delete jsonSchema.propertyNames;
    },
  });
  return json;
}
