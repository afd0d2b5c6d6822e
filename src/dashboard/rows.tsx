import { useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { type Range, rangeOf, rowAfter } from "./range.ts";

/** What a list of any length shows of itself; its rows are equally tall, and are its only children. */
export interface Rows extends Range {
  readonly list: RefObject<HTMLDivElement | null>;
  /** For the list: as tall as if all rows were there. */
  readonly style: { readonly height: string; readonly paddingBlockStart: string };
  /** The row that the keyboard is at, or on its way to. */
  at(): number;
  /** The `tabIndex` of what takes the focus in a row; that is told by `data-row`, the row's number. */
  tabOf(row: number): 0 | -1;
  /** Brings a row into view, and the focus to it. */
  goTo(row: number): void;
  /** Arrows, Page Up and Down, Home and End. Whether the key meant anything. */
  onKey(event: KeyboardEvent): boolean;
}

/** Until one was measured. */
const guessPx = 50;

/** Only rows near the view are to be there, so that tens of thousands of them cost what one screen does. */
export function useRows(count: number): Rows {
  const list = useRef<HTMLDivElement>(null);
  const rowPx = useSignal(guessPx);
  const near = useSignal<Range>({ first: 0, end: 30 });
  const current = useSignal(0);
  const wanted = useRef<number | null>(null);
  function look(): void {
    const at = list.current;
    if (!at) return;
    const tall = at.firstElementChild?.getBoundingClientRect().height;
    if (tall) rowPx.value = tall;
    const view = { topPx: at.getBoundingClientRect().top, viewPx: innerHeight };
    const { first, end } = rangeOf({ ...view, rowPx: rowPx.value }, count);
    if (first !== near.value.first || end !== near.value.end) near.value = { first, end };
  }

  useLayoutEffect(() => {
    look();
    // Whatever scrolls, the page or a part of it: such events do not bubble.
    const options = { capture: true, passive: true };
    document.addEventListener("scroll", look, options);
    addEventListener("resize", look);
    return () => {
      document.removeEventListener("scroll", look, options);
      removeEventListener("resize", look);
    };
  }, [count]);
  function focusWanted(): void {
    if (wanted.current === null) return;
    const row = list.current?.querySelector<HTMLElement>(`[data-row="${wanted.current}"]`);
    if (!row) return;
    wanted.current = null;
    row.focus({ preventScroll: true });
  }

  // A row that was far away is there only after the list has scrolled.
  useLayoutEffect(focusWanted);
  const first = Math.min(near.value.first, count);
  const end = Math.min(near.value.end, count);
  const isNear = current.value >= first && current.value < end;
  // There is always one that the Tab key finds.
  const tabbed = isNear ? current.value : first;

  function show(row: number): void {
    const at = list.current;
    if (!at) return;
    const box = scrollerOf(at);
    const edge = box === document.scrollingElement ? 0 : box.getBoundingClientRect().top;
    const top = at.getBoundingClientRect().top - edge + row * rowPx.value;
    const room = box.clientHeight - rowPx.value;
    if (top < 0) box.scrollTop += top;
    else if (top > room) box.scrollTop += top - room;
  }

  const at = () => wanted.current ?? tabbed;

  function goTo(row: number): void {
    wanted.current = row;
    current.value = row;
    show(row);
    look();
    focusWanted();
  }

  return {
    list,
    first,
    end,
    at,
    style: { height: `${count * rowPx.value}px`, paddingBlockStart: `${first * rowPx.value}px` },
    tabOf: (row) => (row === tabbed ? 0 : -1),
    goTo,
    onKey(event) {
      const to = rowAfter(event.key, at(), count);
      if (to === null || event.ctrlKey || event.metaKey || event.altKey) return false;
      event.preventDefault();
      goTo(to);
      return true;
    },
  };
}

/** The nearest part of the page around an element that scrolls. */
function scrollerOf(element: Element): Element {
  for (let at = element.parentElement; at; at = at.parentElement) {
    const { overflowY } = getComputedStyle(at);
    if (overflowY === "auto" || overflowY === "scroll") return at;
  }
  return document.scrollingElement ?? document.documentElement;
}
