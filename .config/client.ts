// The types of the client, made from the description of the API: what an API key may ask for, and what comes of it.
// `npm run client` writes them to src/client/api.ts; a test tells when that is to be done again.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ApiOptions } from "../src/server/api/api.ts";
import { createWholeApi, describe } from "../src/server/api/api.ts";

/** As far as the description uses JSON Schema. */
interface Schema {
  readonly $ref?: string;
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly format?: string;
}

interface Operation {
  readonly summary: string;
  readonly "x-scope": string | null;
  readonly parameters?: readonly {
    readonly in: string;
    readonly name: string;
    readonly required?: boolean;
    readonly description?: string;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content: Content }>>;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export const file = join(import.meta.dirname, "../src/client/api.ts");

const head = `// Made by \`npm run client\` from the description of the API: change that, and run it again.

`;

/** The text of the file, as it is to be. */
export function clientTypes(): string {
  // Of an API that nobody asks anything the description alone is made.
  const nothing = { engine: { store: {} } } as unknown as ApiOptions;
  const { paths, components } = describe(createWholeApi(nothing), "") as unknown as Description;
  const found = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) => {
      const name = `${method.toUpperCase()} ${path}`;
      const isForKeys = typeof operation["x-scope"] === "string" && isJson(operation);
      return isForKeys ? [operationText(name, operation)] : [];
    }),
  );
  const operations = `/** By method and path below \`/api/v1\`, what an API key may ask for. */
export interface Operations {
${found.join("\n")}
}
`;
  const reached = new Set(["Event"]);
  const note = (text: string) => {
    for (const [, name = ""] of text.matchAll(/\b([A-Z]\w+)\b/g)) {
      if (Object.hasOwn(components.schemas, name)) reached.add(name);
    }
  };
  note(operations);
  const named: string[] = [];
  for (const name of reached) {
    const text = namedText(name, components.schemas[name] ?? {});
    named.push(text);
    note(text);
  }
  return head + [...named.sort(), operations].join("\n");
}

const isJson = ({ responses }: Operation) => "application/json" in (responses[200]?.content ?? {});

function operationText(name: string, operation: Operation): string {
  const { summary, parameters = [], requestBody, responses } = operation;
  const query = parameters.filter((each) => each.in === "query");
  const fields = query.map(({ name, description, schema, required = false }) =>
    fieldText(name, { ...schema, ...(description !== undefined && { description }) }, required, 3),
  );
  const body = requestBody?.content["application/json"]?.schema;
  const answer = responses[200]?.content["application/json"]?.schema ?? {};
  return `  /** ${summary}. Scope: ${operation["x-scope"]}. */
  readonly "${name}": {
    readonly query: ${fields.length === 0 ? "undefined" : `{\n${fields.join("\n")}\n    }`};
    readonly body: ${body ? typeOf(body, 2) : "undefined"};
    readonly answer: ${typeOf(answer, 2)};
  };`;
}

/** Text that does not end the comment that it stands in. */
const commented = (text: string) => text.replaceAll("*/", "*\\/");

function namedText(name: string, schema: Schema): string {
  const about = schema.description === undefined ? "" : `/** ${commented(schema.description)} */\n`;
  const type = typeOf(schema, 0);
  const isObject = type.startsWith("{") && schema.properties !== undefined;
  return `${about}export ${isObject ? `interface ${name} ${type}` : `type ${name} = ${type};`}\n`;
}

/** `depth`: of the line that it stands in. */
function typeOf(schema: Schema, depth: number): string {
  if (schema.$ref !== undefined) return schema.$ref.replace(/^.*\//, "");
  if ("const" in schema) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((each) => JSON.stringify(each)).join(" | ");
  const some = schema.anyOf ?? schema.oneOf;
  if (some) return unique(some.map((each) => typeOf(each, depth))).join(" | ");
  if (schema.allOf) return schema.allOf.map((each) => typeOf(each, depth)).join(" & ");
  const types = typeof schema.type === "string" ? [schema.type] : (schema.type ?? ["unknown"]);
  return unique(types.map((type) => plainType(type, schema, depth))).join(" | ");
}

function plainType(type: string, schema: Schema, depth: number): string {
  switch (type) {
    case "integer":
      return "number";
    case "array": {
      const items = typeOf(schema.items ?? {}, depth);
      return /[|&]/.test(items.replace(/\{[\s\S]*\}/, ""))
        ? `readonly (${items})[]`
        : `readonly ${items}[]`;
    }
    case "object":
      return objectType(schema, depth);
    default:
      return type;
  }
}

function objectType(
  { properties = {}, required = [], additionalProperties }: Schema,
  depth: number,
) {
  const fields = Object.entries(properties).map(([name, field]) =>
    fieldText(name, field, required.includes(name), depth + 1),
  );
  if (fields.length > 0) return `{\n${fields.join("\n")}\n${"  ".repeat(depth)}}`;
  if (additionalProperties === undefined || additionalProperties === false) {
    return "Readonly<Record<string, never>>";
  }
  const values = additionalProperties === true ? "unknown" : typeOf(additionalProperties, depth);
  return `Readonly<Record<string, ${values}>>`;
}

function fieldText(name: string, schema: Schema, required: boolean, depth: number): string {
  const indent = "  ".repeat(depth);
  const about =
    schema.description === undefined ? "" : `${indent}/** ${commented(schema.description)} */\n`;
  const key = /^\w+$/.test(name) ? name : JSON.stringify(name);
  return `${about}${indent}readonly ${key}${required ? "" : "?"}: ${typeOf(schema, depth)};`;
}

const unique = (texts: readonly string[]) => [...new Set(texts)];

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href)
  writeFileSync(file, clientTypes());
