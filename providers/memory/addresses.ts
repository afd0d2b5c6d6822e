import type { Content } from "./content.ts";

/** What the accounts of this process have handed out to each other. */
const handedOut = new Map<string, WeakRef<Content>>();

/** An address of the content, as long as some account holds it. */
export function handOut(content: Content): string {
  const address = `https://memory.invalid/${handedOut.size + 1}`;
  handedOut.set(address, new WeakRef(content));
  return address;
}

/** What an address gives; null when it gives nothing any more. */
export function contentAt(address: string): Content | null {
  return handedOut.get(address)?.deref() ?? null;
}
