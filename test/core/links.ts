import type { Entry, ItemId } from "../../src/core/entry.ts";
import type { Link, LinkEnd, Side } from "../../src/core/plan.ts";

/** The links of one destination, in memory: an item of either side has at most one. */
export interface Links {
  of(side: Side, id: ItemId): Link | null;
  all(): Iterable<Link>;
  put(link: Link): void;
  end(side: Side, id: ItemId): void;
  /**
   * Both hold the same now, but where `diverged` names a side, which is to keep what it has. The place
   * of a link that is known stays: content and place are agreed upon apart.
   */
  agree(from: Entry, to: Entry, diverged: Side | null): void;
}

export function createLinks(): Links {
  const byId = { from: new Map<ItemId, Link>(), to: new Map<ItemId, Link>() };

  function end(side: Side, id: ItemId): void {
    const link = byId[side].get(id);
    if (!link) return;
    byId.from.delete(link.from.id);
    byId.to.delete(link.to.id);
  }

  function put(link: Link): void {
    end("from", link.from.id);
    end("to", link.to.id);
    byId.from.set(link.from.id, link);
    byId.to.set(link.to.id, link);
  }

  return {
    of: (side, id) => byId[side].get(id) ?? null,
    all: () => byId.from.values(),
    put,
    end,
    agree(from, to, diverged) {
      const known = byId.from.get(from.id);
      const place = known?.to.id === to.id ? known : null;
      const { sizeBytes } = diverged === "from" ? to : from;
      const hashes = {
        ...(diverged !== "from" && from.hashes),
        ...(diverged !== "to" && to.hashes),
      };
      put({
        kind: to.kind === "native" ? to.kind : from.kind,
        from: endOf(from, place?.from, diverged === "from"),
        to: endOf(to, place?.to, diverged === "to"),
        sizeBytes,
        hashes,
      });
    },
  };
}

function endOf(entry: Entry, known: LinkEnd | undefined, isDiverged: boolean): LinkEnd {
  const { parent, name } = known ?? entry;
  return { id: entry.id, parent, name, revision: isDiverged ? null : entry.revision };
}
