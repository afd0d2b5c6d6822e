import { computed, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

/** Where in the dashboard one is: all behind the `#`, so that it works below any path. */
const hash = signal(location.hash);
addEventListener("hashchange", () => {
  if (location.hash === hash.value) return;
  if (mayLeave()) hash.value = location.hash;
  else location.hash = hash.value;
});

/** Whether the page that is shown may give way to another one. */
let mayLeave = () => true;

const ask = () => confirm("Leave without saving? What you have changed here is lost.");

/** While it holds, nobody leaves the page without being asked whether what they changed may be lost. */
export function useLeaving(isUnsaved: boolean): void {
  useEffect(() => {
    if (!isUnsaved) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    mayLeave = ask;
    addEventListener("beforeunload", warn);
    return () => {
      mayLeave = () => true;
      removeEventListener("beforeunload", warn);
    };
  }, [isUnsaved]);
}

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
