import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api, askBytes } from "./api.ts";
import { type Difference, type DiffLine, differenceOf, textOf } from "./difference.ts";
import { formatBytes, formatCount, formatNumber, formatTime } from "./format.ts";
import { Button, More, Trouble, useAct } from "./parts.tsx";
import { mayEdit, type Review } from "./state.ts";

export type Conflict = Review["conflicts"][number];
type Version = Conflict["from"];
type Side = "from" | "to";

/** Both versions of a conflict side by side, with what they hold as soon as somebody wants to see it. */
export function Versions({ conflict }: { conflict: Conflict }) {
  const { from, to, look } = conflict;
  const isShown = useSignal(false);
  const { busy, problem, act } = useAct();
  const contents = useSignal<Contents | null>(null);
  const seen = `${from.revision} ${to.revision}`;
  useEffect(() => {
    contents.value = null;
    isShown.value = false;
  }, [seen]);
  const toggle = () =>
    void act(async () => {
      if (!isShown.value) contents.value ??= await contentsOf(conflict);
      isShown.value = !isShown.value;
    });
  const shown = isShown.value ? contents.value : null;
  return (
    <>
      <div class="versions">
        <Facts title="Left" version={from} other={to} />
        <Facts title="Right" version={to} other={from} />
      </div>
      <Trouble problem={problem.value} />
      {look !== null && mayEdit.value && (
        <Button disabled={busy.value} expanded={isShown.value} onPress={toggle}>
          {look === "picture" ? "Both pictures" : "What differs"}
        </Button>
      )}
      {shown?.kind === "pictures" && <Pictures path={conflict.path} {...shown} />}
      {shown?.kind === "texts" && <Texts path={conflict.path} {...shown} />}
    </>
  );
}

/** What is known of a version; what is not the same on both sides is marked. */
function Facts({ title, version, other }: { title: string; version: Version; other: Version }) {
  const { location, sizeBytes, modifiedAt, revision } = version;
  const isNewer = Date.parse(modifiedAt ?? "") > Date.parse(other.modifiedAt ?? "");
  const facts: [name: string, value: string, isSame: boolean][] = [
    ["Size", sizeBytes === null ? "–" : sizeOf(sizeBytes), sizeBytes === other.sizeBytes],
    [
      "Modified",
      modifiedAt === null ? "–" : `${formatTime(modifiedAt)}${isNewer ? ", the newer one" : ""}`,
      modifiedAt === other.modifiedAt,
    ],
    ["Revision", revision ?? "–", true],
  ];
  return (
    <section>
      <h3>{title}</h3>
      <p class="path">{location ?? "not there any more"}</p>
      <dl>
        {facts.map(([name, value, isSame]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class={isSame ? "" : "differs"}>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** In full where two files of nearly one size are compared. */
const sizeOf = (bytes: number) =>
  bytes < 1024 ? formatBytes(bytes) : `${formatBytes(bytes)} (${formatNumber(bytes)} B)`;

type Contents =
  | { readonly kind: "pictures"; readonly from: Blob; readonly to: Blob }
  | { readonly kind: "texts"; readonly difference: Difference | null };

async function contentsOf({ id, look, from, to }: Conflict): Promise<Contents> {
  const bytesOf = (side: Side, { revision }: Version) => {
    const query = { side, ...(revision !== null && { revision }) };
    return askBytes(api.review.conflicts[":id"].content.$get({ param: { id }, query }));
  };
  const [left, right] = await Promise.all([bytesOf("from", from), bytesOf("to", to)]);
  if (look === "picture") return { kind: "pictures", from: left, to: right };
  const texts = await Promise.all([left, right].map(async (each) => textOf(await each.bytes())));
  const [a, b] = texts;
  const areTexts = typeof a === "string" && typeof b === "string";
  return { kind: "texts", difference: areTexts ? differenceOf(a, b) : null };
}

function Pictures({ path, from, to }: { path: string; from: Blob; to: Blob }) {
  return (
    <div class="versions">
      <Picture blob={from} label={`${path}, left`} />
      <Picture blob={to} label={`${path}, right`} />
    </div>
  );
}

function Picture({ blob, label }: { blob: Blob; label: string }) {
  const address = useSignal("");
  const size = useSignal("");
  useEffect(() => {
    const made = URL.createObjectURL(blob);
    address.value = made;
    return () => URL.revokeObjectURL(made);
  }, [blob]);
  if (address.value === "") return null;
  return (
    <figure class="picture">
      <img
        src={address.value}
        alt={label}
        onLoad={({ currentTarget }) => {
          size.value = `${currentTarget.naturalWidth} × ${currentTarget.naturalHeight}`;
        }}
        onError={() => {
          size.value = "This is no picture that a browser can show.";
        }}
      />
      <figcaption class="soft">{size.value}</figcaption>
    </figure>
  );
}

const linesAtOnce = 400;

function Texts({ path, difference }: { path: string; difference: Difference | null }) {
  const most = useSignal(linesAtOnce);
  if (!difference) return <p class="soft">They are no text, so there are no lines to compare.</p>;
  const { lines, onlyLeft, onlyRight, isLineEndsOnly } = difference;
  if (lines.length === 0) {
    const words = isLineEndsOnly ? "Only the ends of their lines differ." : "They hold the same.";
    return <p class="soft">{words}</p>;
  }
  const more = lines.length - most.value;
  return (
    <>
      <p class="soft">
        − {formatCount(onlyLeft, "line")} only left, + {formatCount(onlyRight, "line")} only right
      </p>
      <div class="diff">
        <table aria-label={`What differs in ${path}`}>
          <thead class="unseen">
            <tr>
              <th scope="col">Left</th>
              <th scope="col">Right</th>
              <th scope="col">Where</th>
              <th scope="col">Line</th>
            </tr>
          </thead>
          <tbody>
            {lines.slice(0, most.value).map((line, at) => (
              <TextLine key={at} line={line} />
            ))}
          </tbody>
        </table>
      </div>
      <More
        count={more}
        noun="more line"
        onMore={() => {
          most.value += linesAtOnce;
        }}
      />
    </>
  );
}

const signs = { same: ["", ""], left: ["−", "only left"], right: ["+", "only right"] } as const;

function TextLine({ line: { kind, left, right, text } }: { line: DiffLine }) {
  if (kind === "gap") {
    return (
      <tr class="gap">
        <td colSpan={4}>{formatCount(Number(text), "line")} the same</td>
      </tr>
    );
  }
  const [sign, words] = signs[kind];
  return (
    <tr data-kind={kind}>
      <td class="number">{left}</td>
      <td class="number">{right}</td>
      <td class="sign">
        <span aria-hidden="true">{sign}</span>
        <span class="unseen">{words}</span>
      </td>
      <td class="text">{text}</td>
    </tr>
  );
}
