/** Drawn here, since not every machine has letters for them. */

const paths = {
  check: "M3 8.5l3.5 3.5L13 4.5",
  close: "M4 4l8 8M12 4l-8 8",
  right: "M2.5 8h11M9.5 4l4 4-4 4",
  both: "M2.5 8h11M9.5 4l4 4-4 4M6.5 4l-4 4 4 4",
  closed: "M6 3.5L10.5 8 6 12.5",
  open: "M3.5 6L8 10.5 12.5 6",
} as const;

/** Says nothing to readers of the screen: what it stands at has a name of its own. */
export function Icon({ name }: { name: keyof typeof paths }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}

/** `from` and where it goes. */
export function Way({ from, to, mode }: { from: string; to: readonly string[]; mode: string }) {
  const isBothWays = mode === "two-way";
  return (
    <p class="path way">
      {from} <Icon name={isBothWays ? "both" : "right"} />
      <span class="unseen">{isBothWays ? "and back" : "to"}</span> {to.join(", ")}
    </p>
  );
}
