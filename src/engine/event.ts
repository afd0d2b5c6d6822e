import type { Step } from "../core/plan.ts";
import type { IntendedStep } from "./intent.ts";

/** What the engine tells while it works; for progress bars, logs and pages, never for decisions. */
export type EngineEvent =
  | { readonly type: "feed"; readonly account: string; readonly changes: number }
  /** The account was compared with all that its service lists: names of what its feed had not told of. */
  | { readonly type: "comparison"; readonly account: string; readonly missed: readonly string[] }
  /** Steps that were planned and will now be carried out. */
  | { readonly type: "planned"; readonly rule: string; readonly steps: readonly Step[] }
  | { readonly type: "started"; readonly rule: string; readonly step: Step }
  /** Bytes of a step that the destination has taken so far; may go back when a part is sent again. */
  | {
      readonly type: "progress";
      readonly rule: string;
      readonly step: Step;
      readonly sentBytes: number;
    }
  | { readonly type: "done"; readonly rule: string; readonly step: IntendedStep }
  /** Not carried out because the world moved on; it will be planned again. */
  | { readonly type: "stale"; readonly rule: string; readonly step: Step }
  | {
      readonly type: "failed";
      readonly rule: string;
      readonly step: IntendedStep;
      readonly message: string;
    };
