import type { Change, ItemId, Place } from "../../src/core/entry.ts";
import type { Side } from "../../src/core/plan.ts";
import type { Provider, Target } from "../../src/core/provider.ts";

/** Names of what is being read and written, so that it can be told when a person gets in between. */

const reading = (side: Side, id: ItemId) => `read ${side} ${id}`;
const replacing = (side: Side, id: ItemId) => `replace ${side} ${id}`;
const making = (side: Side, { parent, name }: Place) => `make ${side} ${parent} ${name}`;

/** Under which names a change would get in between. */
export function flightsOf(side: Side, change: Change) {
  const id = change.type === "put" ? change.entry.id : change.id;
  const place = change.type === "put" && change.entry.parent;
  const written = [replacing(side, id)];
  if (place) written.push(making(side, { parent: place, name: change.entry.name }));
  return { read: reading(side, id), written };
}

const targetOf = (side: Side, target: Target) =>
  target.type === "new" ? making(side, target.at) : replacing(side, target.id);

/** What is being read or written: an item, or a place that is to hold one. */
export interface Flight {
  readonly side: Side;
  readonly at: ItemId | Place;
}

export type Flights = Map<string, Flight>;

/** The provider, keeping note of what it is at: of a reading until its stream has ended. */
export function noted(provider: Provider, side: Side, flights: Flights): Provider {
  const during = async <T>(flight: string, at: Flight["at"], run: () => Promise<T>) => {
    flights.set(flight, { side, at });
    try {
      return await run();
    } finally {
      flights.delete(flight);
    }
  };
  return {
    ...provider,
    async read(id, options) {
      const flight = reading(side, id);
      flights.set(flight, { side, at: id });
      const stream = await provider.read(id, options);
      return stream.pipeThrough(
        new TransformStream<Uint8Array, Uint8Array>({ flush: () => void flights.delete(flight) }),
      );
    },
    write: (target, source, options) =>
      during(targetOf(side, target), target.type === "new" ? target.at : target.id, () =>
        provider.write(target, source, options),
      ),
  };
}
