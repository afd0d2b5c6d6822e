import { Field } from "../parts.tsx";
import { accounts } from "../state.ts";
import { changed, isEmpty, listOf, mappingOf, textOf } from "./fields.ts";
import { Choice, type FormProps, Lines, type Options, Unshown } from "./inputs.tsx";

const limits = [
  ["smallerThan", "Smaller than", "Such as 2GiB."],
  ["largerThan", "Larger than", "Such as 1KiB."],
  ["newerThan", "Modified less than so long ago", "Such as 30d: the last thirty days."],
  ["olderThan", "Modified at least so long ago", "Such as 1h: nothing that is being worked on."],
] as const;

const googleDocs: Options = [
  ["export", "export them as docx, xlsx and pptx"],
  ["pdf", "export them as PDF"],
  ["skip", "leave them out"],
];

/** Which files a rule is about. */
export function Filters({ fields, set, problem }: FormProps) {
  const include = listOf(fields.include);
  const exclude = listOf(fields.exclude);
  const keys = limits.map(([key]) => key);
  const where = mappingOf(fields.where, keys);
  return (
    <>
      {include ? (
        <Lines
          label="Only files that match one of"
          name="include"
          value={include}
          hint="One a line: **/*.pdf is every PDF, *.pdf those at the top. Empty: all files."
          problem={problem}
          onValue={(globs) => set({ include: globs })}
        />
      ) : (
        <Unshown name="include" />
      )}
      {exclude ? (
        <Lines
          label="But none that matches one of"
          name="exclude"
          value={exclude}
          hint="Stronger than the lines above. What is newly left out is forgotten, never deleted."
          problem={problem}
          onValue={(globs) => set({ exclude: globs })}
        />
      ) : (
        <Unshown name="exclude" />
      )}
      {where ? (
        <div class="pair">
          {limits.map(([key, label, hint]) => (
            <Field
              key={key}
              label={label}
              name={`where.${key}`}
              value={textOf(where[key]) ?? ""}
              hint={hint}
              problem={problem}
              onValue={(value) => set({ where: changed(where, { [key]: value }) })}
            />
          ))}
        </div>
      ) : (
        <Unshown name="where" />
      )}
      {(hasDrive(fields) || !isEmpty(fields.googleDocs)) && (
        <Choice
          label="Google documents"
          value={textOf(fields.googleDocs) || "export"}
          options={googleDocs}
          hint="They have no bytes of their own: what arrives is an export, made anew after each change."
          onValue={(policy) => set({ googleDocs: policy === "export" ? "" : policy })}
        />
      )}
    </>
  );
}

/** Whether one of the rule's places is in a Google Drive. */
function hasDrive({ from, to }: FormProps["fields"]): boolean {
  const named = [textOf(from) ?? "", ...(listOf(to) ?? [])].map((place) => place.split(":")[0]);
  return (
    accounts.value?.some(
      ({ name, provider }) => provider === "google-drive" && named.includes(name),
    ) ?? false
  );
}
