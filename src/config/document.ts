import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit } from "yaml";

/** Where a value stands in the file: keys and list indices from the top. */
export type ValuePath = readonly (string | number)[];

interface Position {
  readonly line: number;
  readonly column: number;
}

/** What is wrong with the file as YAML, before anything is known of its words. */
interface SyntaxProblem extends Position {
  readonly message: string;
}

/** A YAML file as plain values, of which each knows where it stood. */
export interface ConfigDocument {
  readonly syntax: readonly SyntaxProblem[];
  /** Undefined when there are syntax problems. */
  readonly value: unknown;
  valueAt(path: ValuePath): unknown;
  /** Of the value; where there is none, of the nearest one around it. */
  positionOf(path: ValuePath): Position;
  /** Of the last key of the path, not its value. */
  keyPositionOf(path: ValuePath): Position;
}

/** Reads YAML 1.2; never throws for what the text holds. */
export function openDocument(text: string): ConfigDocument {
  const lines = new LineCounter();
  // Its warnings would go to stderr by themselves.
  const options = { lineCounter: lines, prettyErrors: false, logLevel: "error" } as const;
  const document = parseDocument(text, options);
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const syntax = syntaxProblems(document, (offset) => at(offset + blanksAt(text, offset)));
  const value = syntax.length > 0 ? undefined : asValue(document, syntax, at);
  const start = (node: unknown) => at((isNode(node) && node.range?.[0]) || 0);

  return {
    syntax,
    value,
    valueAt: (path) => {
      const { node, found } = follow(document, path);
      return found && isNode(node) ? node.toJS(document) : undefined;
    },
    positionOf: (path) => start(follow(document, path).node),
    keyPositionOf(path) {
      const { node } = follow(document, path.slice(0, -1));
      const pair = isMap(node) && node.items.find(({ key }) => keyText(key) === path.at(-1));
      return start(pair ? pair.key : node);
    },
  };
}

type AnyDocument = ReturnType<typeof parseDocument>;

function syntaxProblems(document: AnyDocument, at: (offset: number) => Position): SyntaxProblem[] {
  const problems = document.errors.map(({ code, message, pos }) => ({
    ...at(pos[0]),
    message: hints[code] ?? `not valid YAML: ${message}`,
  }));
  if (problems.length > 0) return problems;
  visit(document, {
    Alias(_, alias, around) {
      const target = alias.resolve(document);
      const isInItself = target !== undefined && around.includes(target);
      if (target !== undefined && !isInItself) return;
      const text = `"*${alias.source}"`;
      const message = isInItself
        ? `*${alias.source} stands in what it stands for: write out what is meant`
        : `*${alias.source}: text that begins with * must stand in quotes: ${text}`;
      problems.push({ ...at(alias.range?.[0] ?? 0), message });
    },
  });
  return problems;
}

/** Undefined, with a problem more, when aliases stand for so much that it would not end. */
function asValue(
  document: AnyDocument,
  problems: SyntaxProblem[],
  at: (offset: number) => Position,
): unknown {
  try {
    return document.toJS();
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    let first = 0;
    visit(document, {
      Alias(_, alias) {
        first = alias.range?.[0] ?? 0;
        return visit.BREAK;
      },
    });
    const message = "aliases (*) stand for too much here: write out what is meant";
    problems.push({ ...at(first), message });
    return undefined;
  }
}

/** The parser blames the line end before a key that follows an empty value. */
function blanksAt(text: string, offset: number): number {
  return /^\r?\n\s*/.exec(text.slice(offset))?.[0].length ?? 0;
}

const hints: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "this key stands in its mapping a second time: keep one of the two",
  TAB_AS_INDENT: "lines are indented with blanks here, never with tabs",
  MULTIPLE_DOCS: 'the file holds a second document after "---": write one',
  BAD_SCALAR_START: "text that begins with @, ` or % must stand in quotes",
  UNEXPECTED_TOKEN: "not valid YAML here: text that holds { } [ ] or , must stand in quotes",
};

/** As far down the path as the document goes; `found` when that is all of it. */
function follow(document: AnyDocument, path: ValuePath): { node: unknown; found: boolean } {
  let node: unknown = document.contents;
  for (const step of path) {
    const next = child(resolved(node, document), step);
    if (next === undefined) return { node, found: false };
    node = next;
  }
  return { node, found: true };
}

function child(node: unknown, step: string | number): unknown {
  if (isSeq(node)) return node.items[Number(step)];
  if (!isMap(node)) return undefined;
  const pair = node.items.find(({ key }) => keyText(key) === String(step));
  return pair && (pair.value ?? pair.key);
}

function resolved(node: unknown, document: AnyDocument): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key);
}
