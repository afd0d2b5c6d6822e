import type { MemoryCloud } from "../../providers/memory/cloud.ts";
import type { Entry, ItemId } from "../../src/core/entry.ts";
import { isProviderError } from "../../src/core/error.ts";
import type { Side } from "../../src/core/plan.ts";
import type { Operation } from "../engine/scenario.ts";
import { base } from "./scope.ts";

export interface People {
  /**
   * What a person does; the item as it is afterwards (as it was, when it was trashed). Null when it can't
   * be done: what they meant is not there, or the service refuses it.
   */
  act(operation: Operation): Entry | null;
}

export function createPeople(
  clouds: Readonly<Record<Side, MemoryCloud>>,
  advance: (ms: number) => void,
): People {
  /** By side and path: what was trashed there last. */
  const trashed = new Map<string, ItemId>();

  function apply(operation: Exclude<Operation, readonly ["wait", number]>): Entry | null {
    const [side, act, path, argument = ""] = operation;
    const cloud = clouds[side];
    const found = cloud.look(path);
    if (act === "put") return found && found.kind !== "file" ? null : cloud.put(path, argument);
    if (act === "another") return cloud.putAnother(path, argument);
    if (act === "mkdir") return found ? null : cloud.mkdir(path);
    if (act === "restore") {
      const id = trashed.get(side + path);
      // Which of two folders of one name is meant, nobody could tell.
      const isTaken = path === base[side] && found !== null;
      return id && !isTaken && !cloud.look(id) ? cloud.restore(id) : null;
    }
    if (!found) return null;
    if (act === "move") return cloud.move(path, argument);
    cloud.trash(path);
    trashed.set(side + path, found.id);
    return found;
  }

  return {
    act(operation) {
      if (operation[0] === "wait") {
        advance(operation[1]);
        return null;
      }
      try {
        return apply(operation);
      } catch (error) {
        if (isProviderError(error)) return null;
        throw error;
      }
    },
  };
}
