import type { Store } from "../../src/store/open.ts";

/** Methods of the state that write nothing. */
const reading =
  /^(get|of|by|named|children|changedAt|unseen|unknown|count|due|nextDue|failed|last|log|is|has|marksOf)/;

/**
 * The state as one process has it. `before` is called ahead of all that makes a commit of its own: a
 * transaction, or a write outside of any. When it throws, that commit does not take place. With `everything`
 * it is called ahead of what is only read, too.
 */
export function fragile(store: Store, before: () => void, everything = false): Store {
  let depth = 0;
  const parts = new WeakMap<object, object>();

  const own = <T>(work: () => T): T => {
    if (depth === 0) before();
    depth++;
    try {
      return work();
    } finally {
      depth--;
    }
  };
  const part = <T extends object>(target: T): T => {
    const known = parts.get(target) as T | undefined;
    if (known) return known;
    const made = new Proxy(target, { get: (_, key) => memberOf(target, key) });
    parts.set(target, made);
    return made;
  };
  const memberOf = (target: object, key: string | symbol): unknown => {
    const value: unknown = Reflect.get(target, key);
    if (typeof value === "object" && value !== null) return part(value);
    if (typeof value !== "function") return value;
    return (...args: unknown[]) => {
      if (depth === 0 && (everything || !reading.test(String(key)))) before();
      const result: unknown = Reflect.apply(value, target, args);
      return key === "of" && isTree(result) ? part(result) : result;
    };
  };
  const special: Pick<Store, "transaction" | "commit" | "close"> = {
    transaction: (work) => own(() => store.transaction(work)),
    commit: (work) => store.commit(() => own(work)),
    close: () => {},
  };
  return new Proxy(store, {
    get: (_, key) => Reflect.get(special, key) ?? memberOf(store, key),
  });
}

/** Of what the state gives out by `of`, only mirrors have methods. */
function isTree(value: unknown): value is object {
  return typeof value === "object" && value !== null && "observe" in value;
}
