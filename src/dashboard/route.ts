import { computed, signal } from "@preact/signals";

/** Where in the dashboard one is: all behind the `#`, so that it works below any path. */
const hash = signal(location.hash);
addEventListener("hashchange", () => {
  hash.value = location.hash;
});

/** `#/rules/docs?tab=runs`: `["rules", "docs"]` and the query. */
export const route = computed(() => {
  const [path = "", query = ""] = hash.value.replace(/^#\/?/, "").split("?");
  return {
    path: path.split("/").filter(Boolean).map(decodeURIComponent),
    query: new URLSearchParams(query),
  };
});

/** The address of a place, from its segments. */
export const placeOf = (...segments: readonly string[]): string =>
  `#/${segments.map(encodeURIComponent).join("/")}`;

export function go(...segments: readonly string[]): void {
  location.hash = placeOf(...segments);
}
