import { invalidParameter } from "./errors.ts";

/** A search query, read. */
export type Query =
  | { readonly type: "and" | "or"; readonly left: Query; readonly right: Query }
  | { readonly type: "not"; readonly inner: Query }
  /** `modifiedTime > '2026-01-01'` */
  | {
      readonly type: "compare";
      readonly term: string;
      readonly operator: Operator;
      readonly value: string;
    }
  /** `'ID' in parents` */
  | { readonly type: "in"; readonly collection: string; readonly value: string }
  /** `properties has { key='x' and value='y' }` */
  | {
      readonly type: "has";
      readonly collection: string;
      readonly key: string;
      readonly value: string;
    };

export type Operator = "contains" | "=" | "!=" | "<" | "<=" | ">" | ">=";

const tokenPattern = /\s*('(?:\\.|[^'\\])*'|<=|>=|!=|[=<>(){}]|[\w.]+)/y;
const operators: readonly string[] = ["contains", "=", "!=", "<", "<=", ">", ">="];

/**
 * Reads the `q` of files.list (Drive docs: "Search query terms and operators"). `and` and `or` bind
 * equally and from left to right, as documented; parentheses group.
 * @throws DriveError 400 `invalid` for what is no query.
 */
export function parseQuery(text: string): Query {
  const tokens = tokenize(text);
  let at = 0;
  const next = () => tokens[at++] ?? raise();
  const expect = (token: string) => (next() === token ? undefined : raise());

  function chain(): Query {
    let left = unit();
    for (let word = tokens[at]; word === "and" || word === "or"; word = tokens[at]) {
      at += 1;
      left = { type: word, left, right: unit() };
    }
    return left;
  }

  function unit(): Query {
    const token = next();
    if (token === "not") return { type: "not", inner: unit() };
    if (token === "(") {
      const inner = chain();
      expect(")");
      return inner;
    }
    if (token.startsWith("'")) {
      expect("in");
      return { type: "in", collection: next(), value: unquote(token) };
    }
    return termFrom(token);
  }

  function termFrom(term: string): Query {
    const operator = next();
    if (operator === "has") return { type: "has", collection: term, ...pair() };
    if (!isOperator(operator)) raise();
    return { type: "compare", term, operator, value: literal() };
  }

  function pair(): { key: string; value: string } {
    for (const token of ["{", "key", "="]) expect(token);
    const key = literal();
    for (const token of ["and", "value", "="]) expect(token);
    const value = literal();
    expect("}");
    return { key, value };
  }

  function literal(): string {
    const token = next();
    if (token.startsWith("'")) return unquote(token);
    return token === "true" || token === "false" ? token : raise();
  }

  const query = chain();
  return at === tokens.length ? query : raise();
}

function isOperator(token: string): token is Operator {
  return operators.includes(token);
}

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  tokenPattern.lastIndex = 0;
  const end = text.trimEnd().length;
  while (tokenPattern.lastIndex < end) tokens.push(tokenPattern.exec(text)?.[1] ?? raise());
  return tokens;
}

/** Only `\'` and `\\` are escapes. */
function unquote(token: string): string {
  return token
    .slice(1, -1)
    .replaceAll(/\\(.)/g, (_, char) => ("'\\".includes(char) ? char : raise()));
}

function raise(): never {
  throw invalidParameter("q");
}
