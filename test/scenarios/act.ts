import type { Side } from "../../src/core/plan.ts";
import { decide } from "./decide.ts";
import type { Rules } from "./rules.ts";
import type { Operation } from "./scenario.ts";
import type { Stage } from "./stage.ts";

/** What people do at a side. */
type Work = Extract<Operation, readonly [Side, ...unknown[]]>;

/** Carries out one operation of a scenario. */
export async function act(operation: Operation, rules: Rules, stage: Stage): Promise<void> {
  stage.advance(60_000);
  if (isWork(operation)) return work(operation, rules, stage);
  if (operation[0] === "rule") return rules.change(operation[1]);
  if (operation[0] === "wait") return stage.advance(operation[1]);
  if (operation[0] === "state") return exchangeState(operation[1], stage);
  decide(operation, stage.engine().context.store, rules.all());
}

function isWork(operation: Operation): operation is Work {
  return operation[0] === "from" || operation[0] === "to";
}

function work(operation: Work, { pathOf }: Rules, stage: Stage): void {
  const [side] = operation;
  const people = stage.people[side];
  const at = (path: string) => pathOf(side, path);
  switch (operation[1]) {
    case "put":
    case "another":
      return people[operation[1]](at(operation[2]), operation[3], stage.now());
    case "document":
    case "touch":
      return people[operation[1]](at(operation[2]), stage.now());
    case "mkdir":
    case "trash":
    case "restore":
      return people[operation[1]](at(operation[2]));
    case "move":
      return people.move(at(operation[2]), at(operation[3]));
    case "reset cursors":
      return people.resetCursors();
    case "fail":
      return people.fail(operation[2]);
  }
}

function exchangeState(how: "lose" | "keep" | "bring back", stage: Stage): Promise<void> {
  if (how === "lose") return stage.lose();
  return how === "keep" ? stage.keep() : stage.bringBack();
}
