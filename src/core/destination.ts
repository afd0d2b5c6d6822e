import { extensionOf, stemOf } from "./names.ts";

/** What a template can speak of. The time parts are the modified time (else the created one), in UTC. */
export const templateFields = [
  "name",
  "stem",
  "ext",
  "path",
  "yyyy",
  "mm",
  "dd",
  "hh",
  "min",
] as const;
type TemplateField = (typeof templateFields)[number];

export interface SourceFacts {
  /** Names from the rule's `from` (left out) down to the file; at least one. */
  readonly path: readonly string[];
  readonly modifiedAt: Date | null;
  readonly createdAt: Date | null;
}

/** Where a file goes: names from the rule's `to` (left out) down, or why that can't be said. */
export type Destination = { readonly path: readonly string[] } | { readonly problem: string };

export type DestinationOf = (facts: SourceFacts) => Destination;

/** What is wrong with a template, for people; `field` is the unknown word where it is one. */
export interface TemplateProblem {
  readonly problem: string;
  readonly field?: string;
}

/**
 * Where a rule's files go. `as` is a template such as `{yyyy}/{mm}/{name}`; null keeps the relative path.
 * `{name}` is the file's name, `{stem}` and `{ext}` its parts (the extension without its dot, which also
 * goes from the template when there is none), `{path}` the folders above it, `{yyyy} {mm} {dd} {hh} {min}`
 * its time. `{{` and `}}` are braces; a `/` in a name is no separator; empty parts fall away. Throws what
 * `templateProblem` says of a wrong template.
 */
export function createDestination(as: string | null): DestinationOf {
  if (as === null) return ({ path }) => ({ path });
  const parts = parseTemplate(as);
  if ("problem" in parts) throw new RangeError(`as: ${parts.problem}`);
  const dated = parts.some((part) => typeof part !== "string" && part.field in timeParts);

  return (facts) => {
    const at = facts.modifiedAt ?? facts.createdAt;
    if (dated && at === null) return { problem: '"as" needs a time, and the file has none' };
    return { path: render(parts, facts.path, at) };
  };
}

/** Null for a template that `createDestination` takes. */
export function templateProblem(as: string): TemplateProblem | null {
  const parts = parseTemplate(as);
  return "problem" in parts ? parts : null;
}

type Part = string | { readonly field: TemplateField };

const timeParts: Partial<Record<TemplateField, (at: Date) => string>> = {
  yyyy: (at) => String(at.getUTCFullYear()).padStart(4, "0"),
  mm: (at) => twoDigits(at.getUTCMonth() + 1),
  dd: (at) => twoDigits(at.getUTCDate()),
  hh: (at) => twoDigits(at.getUTCHours()),
  min: (at) => twoDigits(at.getUTCMinutes()),
};

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}

function parseTemplate(template: string): Part[] | TemplateProblem {
  const parts: Part[] = [];
  for (const [token, field] of template.matchAll(/\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+/g)) {
    if (field !== undefined) {
      if (!isField(field)) return { problem: `"{${field}}" is not a field of a template`, field };
      parts.push({ field });
    } else if (token === "{" || token === "}") {
      return { problem: `a single "${token}" is not closed: write "${token}${token}" for a brace` };
    } else {
      parts.push(token === "{{" || token === "}}" ? token.slice(1) : token);
    }
  }
  return shapeProblem(template, parts) ?? parts;
}

function shapeProblem(template: string, parts: readonly Part[]): TemplateProblem | null {
  const folders = template.split("/");
  if (template.startsWith("/")) return { problem: `it begins with "/", but is relative to "to"` };
  if (folders.some((name) => name === "." || name === "..")) {
    return { problem: `"." and ".." are not allowed in a path` };
  }
  const glued = parts.findIndex((part) => typeof part !== "string" && part.field === "path") + 1;
  const after = parts[glued];
  if (glued > 0 && !(typeof after === "string" && after.startsWith("/"))) {
    return { problem: `{path} needs a "/" after it` };
  }
  const last = parts.findLastIndex((part) => typeof part === "string" && part.includes("/"));
  const tail = parts.slice(last + 1);
  if (tail.some((part) => typeof part !== "string" && /^(name|stem)$/.test(part.field)))
    return null;
  return {
    problem: `its last part holds neither {name} nor {stem}, so files would share one name`,
  };
}

function isField(word: string): word is TemplateField {
  return (templateFields as readonly string[]).includes(word);
}

function render(parts: readonly Part[], path: readonly string[], at: Date | null): string[] {
  const name = path.at(-1) ?? "";
  const extension = extensionOf(name);
  const names = [""];
  const append = (text: string) => names.push((names.pop() ?? "") + text);
  const appendPath = (pieces: readonly string[]) => {
    for (const [index, piece] of pieces.entries()) index === 0 ? append(piece) : names.push(piece);
  };

  for (const [index, part] of parts.entries()) {
    if (typeof part === "string") appendPath(literal(part, parts[index + 1], extension).split("/"));
    else if (part.field === "path") appendPath(path.slice(0, -1));
    else if (part.field === "name") append(name);
    else if (part.field === "stem") append(stemOf(name));
    else if (part.field === "ext") append(extension.slice(1));
    else if (at !== null) append(timeParts[part.field]?.(at) ?? "");
  }
  return names.filter((each) => each !== "").map(withoutDots);
}

/** The dot of `.{ext}` goes with the extension. */
function literal(text: string, next: Part | undefined, extension: string): string {
  const dotted = text.endsWith(".") && typeof next === "object" && next.field === "ext";
  return dotted && extension === "" ? text.slice(0, -1) : text;
}

/** A source may hold an item that is called `..`; at a destination it may not mean the folder above. */
function withoutDots(name: string): string {
  return name === "." || name === ".." ? "．".repeat(name.length) : name;
}
