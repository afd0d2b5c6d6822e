import { useSignal } from "@preact/signals";
import { Field } from "../parts.tsx";
import { listed, listOf, textOf } from "./fields.ts";
import { Choice, type FormProps, Lines, type Options, Unshown } from "./inputs.tsx";

type Kind = "none" | "recipients" | "passphrase";

const kinds: Options = [
  ["none", "as it is"],
  ["recipients", "encrypted for keys of age"],
  ["passphrase", "encrypted with a passphrase"],
];

/** A rule of the dashboard holds no secret itself. */
const whereSecret = "$NAME of the environment or $file:/path: the secret itself stands elsewhere.";

/** Whether the destination can read what arrives. */
export function Secrecy({ fields, set, problem }: FormProps) {
  const recipients = listOf(fields.encrypt);
  // Who has chosen keys is about to write the first one.
  const isForKeys = useSignal(false);
  if (!recipients) return <Unshown name="encrypt" />;
  const kind = kindOf(recipients) ?? (isForKeys.value ? "recipients" : "none");
  return (
    <>
      <Choice
        label="Content arrives"
        value={kind}
        options={kinds}
        hint="In the age format: it leaves this machine encrypted, and the age tool opens it without Syncline."
        onValue={(chosen) => {
          isForKeys.value = chosen === "recipients";
          set({ ...nothing, encrypt: chosen === "passphrase" ? chosen : "" });
        }}
      />
      {kind === "recipients" && (
        <>
          <Lines
            label="For these keys, one a line"
            name="encrypt"
            value={recipients}
            hint="Each begins with age1; age-keygen makes one. Whoever has the secret half of one of them can read."
            problem={problem}
            onValue={(keys) => set({ encrypt: listed(keys) })}
          />
          <Identity fields={fields} set={set} problem={problem} />
        </>
      )}
      {kind === "passphrase" && (
        <Field
          label="Where the passphrase is"
          name="passphrase"
          value={textOf(fields.passphrase) ?? ""}
          hint={`${whereSecret} 12 characters or more.`}
          problem={problem?.field === "encrypt" ? { ...problem, field: "passphrase" } : problem}
          onValue={(passphrase) => set({ passphrase })}
        />
      )}
      {kind !== "none" && (
        <label class="check">
          <input
            type="checkbox"
            checked={fields.encryptNames === true}
            onChange={(event) => set({ encryptNames: event.currentTarget.checked || "" })}
          />
          Names of files and folders, too
        </label>
      )}
      {kind !== "none" && (
        <p class="note">
          Keep the key or passphrase in a second place: without it nobody can read what is there.
        </p>
      )}
    </>
  );
}

const nothing = { passphrase: "", identity: "", encryptNames: "" };

function Identity({ fields, set, problem }: FormProps) {
  const identity = textOf(fields.identity);
  if (identity === null) return <Unshown name="identity" />;
  return (
    <Field
      label="Where the secret key is"
      name="identity"
      value={identity}
      hint={`${whereSecret} Needed to sync both ways, to encrypt names, and to compare what is there already.`}
      problem={problem}
      onValue={(next) => set({ identity: next })}
    />
  );
}

/** Null: nothing is said of it. */
function kindOf(recipients: readonly string[]): Kind | null {
  if (recipients.length === 0) return null;
  return recipients.includes("passphrase") ? "passphrase" : "recipients";
}

/** The same in a few words. */
export function secrecyWords({ encrypt, encryptNames }: FormProps["fields"]): string {
  const kind = kindOf(listOf(encrypt) ?? []);
  if (kind === null) return "content arrives as it is";
  const names = encryptNames === true ? ", with names" : "";
  return `encrypted ${kind === "passphrase" ? "with a passphrase" : "for keys"}${names}`;
}
