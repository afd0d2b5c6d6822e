import { describe, expect, it } from "vitest";
import { killed, requestFails, stateFails, sweep } from "./sweep.ts";
import { workloads } from "./workloads.ts";

/** A share of all moments, another one for each workload; `npm run simulate -- --sweep` takes them all. */
const every = { kill: 29, state: 61, request: 13 };

describe.each(workloads.map((workload, index) => ({ ...workload, workload, index })))(
  "$mode: $name",
  ({ workload, index }) => {
    it("ends as without a kill, whenever the process is killed", { timeout: 60_000 }, async () => {
      const { problems } = await sweep(workload, killed, every.kill, index % every.kill);
      expect(problems).toEqual([]);
    });

    it.runIf(index % 4 === 0)(
      "ends as without it, whichever access to the state fails",
      {
        timeout: 60_000,
      },
      async () => {
        const { problems } = await sweep(workload, stateFails, every.state, index % every.state);
        expect(problems).toEqual([]);
      },
    );

    it.runIf(index % 4 === 2)(
      "ends as without it, whichever request is refused",
      {
        timeout: 60_000,
      },
      async () => {
        for (const when of ["before", "after"] as const) {
          const trial = requestFails(when);
          const { problems } = await sweep(workload, trial, every.request, index % every.request);
          expect(problems).toEqual([]);
        }
      },
    );
  },
);
