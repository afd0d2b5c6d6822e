import { Field } from "../parts.tsx";
import { changed, mappingOf, textOf } from "./fields.ts";
import { Choice, type FormProps, type Options, Unshown } from "./inputs.tsx";

const conflicts: Options = [
  ["keep-both", "keep both, under two names"],
  ["newest", "the newest stays"],
  ["review", "ask me"],
  ["from", "the source stays"],
  ["to", "the destination stays"],
];
const deletes: Options = [
  ["trash", "move it to the trash at the other side"],
  ["keep", "leave it at the other side"],
];

/** What is done where something could be lost. */
export function Care({ fields, set, problem }: FormProps) {
  const mode = textOf(fields.mode) || "copy";
  const guard = mappingOf(fields.guard, ["deletes", "changes"]);
  const isBothWays = mode === "mirror" || mode === "two-way";
  return (
    <>
      {mode === "mirror" ? (
        <p class="note">When both sides changed a file, the source's version stays in a mirror.</p>
      ) : (
        <Choice
          label="When both sides changed a file"
          value={textOf(fields.conflict) || "keep-both"}
          options={conflicts}
          onValue={(policy) => set({ conflict: policy === "keep-both" ? "" : policy })}
        />
      )}
      {isBothWays && (
        <Choice
          label="When a file is removed at one side"
          value={textOf(fields.deletes) || "trash"}
          options={deletes}
          onValue={(policy) => set({ deletes: policy === "trash" ? "" : policy })}
        />
      )}
      {guard ? (
        <div class="pair">
          {mode !== "copy" && (
            <Field
              label="Stop and ask before removing more than"
              name="guard.deletes"
              value={textOf(guard.deletes) ?? ""}
              hint="A share of all files such as 10%, or none for no limit. Default: 25%, from 10 files on."
              problem={problem}
              onValue={(share) => set({ guard: changed(guard, { deletes: share }) })}
            />
          )}
          <Field
            label="Stop and ask before overwriting more than"
            name="guard.changes"
            value={textOf(guard.changes) ?? ""}
            hint="A share of all files such as 50%, or none for no limit. Default: none."
            problem={problem}
            onValue={(share) => set({ guard: changed(guard, { changes: share }) })}
          />
        </div>
      ) : (
        <Unshown name="guard" />
      )}
    </>
  );
}

/** The same in a few words. */
export function careWords(fields: FormProps["fields"]): string {
  const mode = textOf(fields.mode) || "copy";
  const policy = mode === "mirror" ? "from" : textOf(fields.conflict) || "keep-both";
  const [, conflict = policy] = conflicts.find(([each]) => each === policy) ?? [];
  const removed = textOf(fields.deletes) === "keep" ? "removals stay" : "removals go to the trash";
  return mode === "mirror" || mode === "two-way" ? `${conflict}; ${removed}` : conflict;
}
