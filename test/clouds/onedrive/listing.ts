import { z } from "zod";
import { json } from "../kit/request.ts";
import { itemPath } from "./address.ts";
import { invalidRequest } from "./errors.ts";
import type { Item } from "./item.ts";
import type { Call, Method } from "./method.ts";
import { readSelect } from "./query.ts";
import { itemProperties, itemResource } from "./resource.ts";

const tokenShape = z.strictObject({
  after: z.number(),
  top: z.number(),
  select: z.string().nullable(),
  orderBy: z.string(),
});
type Token = z.infer<typeof tokenShape>;

/** Children of a folder, page by page; what changes between pages may be missed or seen twice. */
export const listChildren: Method = {
  name: "children.list",
  http: "GET",
  path: itemPath("children"),
  query: "$top $select $orderby $skiptoken",
  needs: "read",
  handle(call) {
    const { context, request } = call;
    const folder = call.item();
    const { drive } = call.address();
    if (folder.kind !== "folder") throw invalidRequest("The item is not a folder.");
    const token = readToken(call);
    const select = readSelect(token.select ?? undefined, itemProperties);
    const all = drive
      .children(folder.id)
      .sort(comparison(token.orderBy, (item) => drive.sizeOf(item)));
    const end = token.after + token.top;
    const page = all
      .slice(token.after, end)
      .map((item) => itemResource(context, drive, item, { select }));
    const next = Buffer.from(JSON.stringify({ ...token, after: end })).toString("base64url");
    const nextLink = `${context.origin()}${request.url.pathname}?$skiptoken=${next}`;
    return json(200, { value: page, ...(end < all.length ? { "@odata.nextLink": nextLink } : {}) });
  },
};

/** @throws GraphError 400 */
function readToken({ query, context: { limits } }: Call): Token {
  const given = query.text("$skiptoken");
  if (given !== null) {
    const parsed = tokenShape.safeParse(jsonOf(Buffer.from(given, "base64url").toString("utf8")));
    if (parsed.success) return parsed.data;
    throw invalidRequest("The $skiptoken is invalid.");
  }
  const top = query.top({ absent: limits.pageItems, max: limits.maxPageItems });
  return {
    after: 0,
    top,
    select: query.text("$select"),
    orderBy: query.text("$orderby") ?? "name",
  };
}

/** Null for what is no JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function comparison(orderBy: string, sizeOf: (item: Item) => number): (a: Item, b: Item) => number {
  const [property, direction = "asc"] = orderBy.split(" ");
  const by: Readonly<Record<string, (a: Item, b: Item) => number>> = {
    name: (a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1),
    size: (a, b) => sizeOf(a) - sizeOf(b),
    lastModifiedDateTime: (a, b) => a.modifiedAt - b.modifiedAt,
  };
  const compare = by[property ?? ""];
  if (compare === undefined || !["asc", "desc"].includes(direction)) {
    throw invalidRequest(`$orderby '${orderBy}' is not supported.`);
  }
  return direction === "asc" ? compare : (a, b) => compare(b, a);
}
