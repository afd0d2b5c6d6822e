import fc from "fast-check";

/** How a body of JSON is altered on its way. */
export type Mutation =
  /** `where`: from 0 to 1, of all values in it. */
  | { readonly do: "drop" | "nest" | "repeat"; readonly where: number }
  | { readonly do: "put"; readonly where: number; readonly value: unknown }
  | { readonly do: "cut"; readonly where: number }
  | { readonly do: "say"; readonly text: string };

const where = fc.double({ min: 0, max: 0.999, noNaN: true });

/** Any of them; `words`: what may stand in the place of a value. */
export function mutation(words: fc.Arbitrary<string>): fc.Arbitrary<Mutation> {
  const value = fc.oneof(
    words,
    fc.constantFrom<unknown>(null, 0, -1, 0.5, 1e308, 2 ** 53, "", "0", [], {}, [[]], [null], [{}]),
    fc.constantFrom(
      "../../etc/passwd",
      "1e999",
      "9".repeat(400),
      "0000-00-00T99:99:99Z",
      "__proto__",
    ),
    fc.constant(
      JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'),
    ),
  );
  return fc.oneof(
    { weight: 3, arbitrary: fc.record({ do: fc.constant("drop" as const), where }) },
    { weight: 5, arbitrary: fc.record({ do: fc.constant("put" as const), where, value }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constantFrom("nest" as const, "repeat" as const), where }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("cut" as const), where }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant("say" as const),
        text: fc.oneof(
          fc.constantFrom("", "null", "[]", "{}", "0", '"x"', "<html>", "[".repeat(9_999)),
          words,
        ),
      }),
    },
  );
}

/** The body altered; a body that is no JSON may be cut short or replaced. */
export function mutated(body: string, mutation: Mutation): string {
  if (mutation.do === "say") return mutation.text;
  if (mutation.do === "cut") return body.slice(0, Math.floor(mutation.where * body.length));
  const value = parsed(body);
  if (value === undefined) return body;
  const all = { value };
  const spots = spotsIn(all);
  const spot = spots[Math.floor(mutation.where * spots.length)];
  if (!spot) return body;
  const { holder, key } = spot;
  const former = holder[key];
  if (mutation.do === "drop") delete holder[key];
  if (mutation.do === "nest") holder[key] = nested(former);
  if (mutation.do === "repeat")
    holder[key] = Array.isArray(former) ? [...former, ...former] : [former, former];
  if (mutation.do === "put") holder[key] = mutation.value;
  return JSON.stringify(all.value) ?? "";
}

interface Spot {
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

function spotsIn(holder: unknown): Spot[] {
  if (typeof holder !== "object" || holder === null) return [];
  const record = holder as Record<string, unknown>;
  return Object.keys(record).flatMap((key) => [{ holder: record, key }, ...spotsIn(record[key])]);
}

function nested(value: unknown): unknown {
  let at = value;
  for (let depth = 0; depth < 2_000; depth++) at = [at];
  return at;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
