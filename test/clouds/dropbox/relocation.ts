import { boolean, struct, withDefault, writePathOrId } from "./args.ts";
import { freePath } from "./commit.ts";
import type { Context } from "./context.ts";
import { type Endpoint, endpoint, ok } from "./endpoint.ts";
import { ApiError, conflict, RateLimited, tag } from "./errors.ts";
import { type Item, sizeOf } from "./item.ts";
import { metadataOf } from "./metadata.ts";
import { isBelow, type Path } from "./paths.ts";
import { checkWritable, itemAt, pathToWrite } from "./resolve.ts";

const relocationArg = struct({
  from_path: writePathOrId,
  to_path: writePathOrId,
  allow_shared_folder: withDefault(boolean, false),
  autorename: withDefault(boolean, false),
  allow_ownership_transfer: withDefault(boolean, false),
});
type RelocationArg = ReturnType<typeof relocationArg>;

/** Moves and copies inside the account. */
export const relocationEndpoints: readonly Endpoint[] = [
  relocation("files/move_v2", (context, item, to) => {
    if (isBelow(to.lower, item.lower)) throw new ApiError(tag("cant_move_folder_into_itself"));
    return context.namespace.move(item, to);
  }),
  relocation("files/copy_v2", (context, item, to) => {
    if (isBelow(to.lower, item.lower)) throw new ApiError(tag("duplicated_or_nested_paths"));
    const all = [item, ...context.namespace.below(item.lower)];
    const moreBytes = all.reduce((sum, one) => sum + sizeOf(one), 0);
    if (context.namespace.usedBytes + moreBytes > context.limits.allocatedBytes) {
      throw new ApiError(tag("insufficient_quota"));
    }
    return context.namespace.copy(item, to);
  }),
];

function relocation(
  route: string,
  apply: (context: Context, item: Item, to: Path) => Item,
): Endpoint {
  return endpoint({
    route,
    scope: "files.content.write",
    argument: relocationArg,
    refusals: { lookup: "from_lookup", write: "to" },
    async run(argument, { context }) {
      const busy = () => new RateLimited("too_many_write_operations");
      const item = await context.writeLock.hold(busy, () => {
        const from = itemAt(context, argument.from_path);
        if (route === "files/move_v2") checkWritable(context, from.lower);
        return apply(context, from, targetOf(context, argument, from));
      });
      return ok({ metadata: metadataOf(item) });
    },
  });
}

/** Where the item is to go. A change of case or Unicode form alone finds the item itself in its way. */
function targetOf(context: Context, argument: RelocationArg, from: Item): Path {
  const { namespace, limits } = context;
  const to = pathToWrite(context, argument.to_path);
  let items = 1;
  for (const _ of namespace.below(from.lower)) items += 1;
  if (items > limits.relocationItems) throw new ApiError(tag("too_many_files"));
  const inTheWay = namespace.at(to.lower);
  if (inTheWay === null) return to;
  if (!argument.autorename) throw conflict(inTheWay.kind);
  return freePath(context, to, from.kind);
}
