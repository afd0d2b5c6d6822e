import type { ItemId, Place } from "../core/entry.ts";
import type { Side } from "../core/plan.ts";
import type { EngineContext } from "./context.ts";
import type { Hands } from "./effects.ts";
import { statOrNull } from "./stat.ts";

/** An id that something new is made with, so that it can't be made twice, whatever becomes of the answer. */
export interface Reservation {
  /** The intent that keeps it. */
  readonly intent: string;
  readonly id: ItemId;
  /** Whether a step of this run has begun with it: then it is open until it is known what became of it. */
  readonly isTaken: boolean;
}

/** Of all that was begun and is not known to be done, by `reservationKey`: whoever begins it again goes on with it. */
export type Reservations = Map<string, Reservation>;

/** What is to be made: the counterpart of `source`, or, with null, a folder that is known by its place alone. */
export interface ToMake {
  readonly side: Side;
  readonly source: ItemId | null;
  readonly at: Place;
}

export const reservationKey = ({ side, source, at }: ToMake): string =>
  source === null ? `${side} in ${at.parent}: ${at.name}` : `${side} of ${source}`;

/** What a create is begun with; `id` null where the service has no reserved ids. */
export interface Reserved {
  readonly key: string;
  readonly intent: string;
  readonly id: ItemId | null;
}

export async function reserve(
  { reservations, context, ids }: Hands,
  what: ToMake,
): Promise<Reserved> {
  const key = reservationKey(what);
  const { intent, id } = reservations.get(key) ?? {
    intent: context.newId(),
    id: await ids[what.side].next(),
  };
  if (id !== null) reservations.set(key, { intent, id, isTaken: true });
  return { key, intent, id };
}

/** Gives up a reserved id that was taken by an item that is gone since, and can't be had again: whether it was. */
export async function isUsedUp(
  { job, context, reservations }: Pick<Hands, "job" | "context" | "reservations">,
  side: Side,
  { key, intent, id }: Reserved,
): Promise<boolean> {
  if (id === null || (await statOrNull(job[side].provider, id)) !== null) return false;
  context.store.intents.close(intent);
  reservations.delete(key);
  return true;
}

/** Reserved ids that no step of this run took up again belong to items that are not wanted any more. */
export function closeReservations(
  reservations: Reservations,
  { store }: Pick<EngineContext, "store">,
): void {
  for (const { intent, isTaken } of reservations.values()) {
    if (!isTaken) store.intents.close(intent);
  }
}
