import type { Actor } from "../core/audit.ts";
import type { Who } from "./access.ts";

/** Who asks, as the audit log names them. */
export function actorOf(who: Who): Actor {
  switch (who.kind) {
    case "nobody":
      return { kind: "nobody", name: null };
    case "person":
      return { kind: "person", id: who.user.id, name: who.user.email };
    case "key":
      return { kind: "key", id: who.key.id, name: who.key.name, of: who.user.email };
  }
}
