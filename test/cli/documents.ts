import { z } from "zod";

type Json = Parameters<typeof z.fromJSONSchema>[0];

const readers = new Map<string, z.ZodType>();

/**
 * Fails unless each line that a command line has printed with `--json` is what the published schema of its command says,
 * with no field more. The end of a line that a killed program has left is not looked at.
 */
export async function expectDocuments(args: readonly string[], stdout: string): Promise<void> {
  if (!args.includes("--json") || args.includes("--help") || stdout === "") return;
  const { documents } = await import("../../src/cli/documents.ts");
  const { schemaOf } = await import("../../src/cli/schema.ts");
  const name = nameIn(args, Object.keys(documents));
  const found = documents[name] ?? { form: "document", about: "", schema: z.never() };
  const reader = readers.get(name) ?? readerOf(schemaOf(name, found));
  readers.set(name, reader);
  const lines = stdout.split("\n").slice(0, -1);
  for (const line of lines) {
    const { error } = reader.safeParse(JSON.parse(line));
    if (error) {
      throw new Error(
        `${name} --json is not as its schema says: ${z.prettifyError(error)}\n${line}`,
      );
    }
  }
}

/** Accepts what a JSON Schema does, and of its objects none with a field that is not named there. */
export function readerOf(schema: object): z.ZodType {
  return z.fromJSONSchema(closed(schema) as Json);
}

/** The command among the words of a command line; empty: none. */
function nameIn(args: readonly string[], names: readonly string[]): string {
  const firsts = new Set(names.map((name) => name.split(" ")[0]));
  const at = args.findIndex((word) => firsts.has(word));
  const [word = "", next = ""] = args.slice(Math.max(0, at));
  return [`${word} ${next}`, word].find((each) => names.includes(each)) ?? "";
}

function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== "object" || value === null) return value;
  const each = Object.entries(value).map(([key, inner]) => [key, closed(inner)]);
  const isOpen = "properties" in value && "type" in value && !("additionalProperties" in value);
  return { ...Object.fromEntries(each), ...(isOpen && { additionalProperties: false }) };
}
