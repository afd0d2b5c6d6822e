import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { api, ask, problemOf } from "./api.ts";
import { Icon } from "./icons.tsx";
import { Button, Dialog, Trouble, useAct } from "./parts.tsx";
import { accounts } from "./state.ts";
import { pressOf } from "./tree.ts";

/** A folder of an account, with what is in it once somebody has looked. */
interface Folder {
  readonly id: string | undefined;
  readonly name: string;
  readonly path: readonly string[];
  readonly isOpen: boolean;
  readonly below: readonly Folder[] | null;
  readonly trouble: string | null;
}

const root: Folder = {
  id: undefined,
  name: "",
  path: [],
  isOpen: false,
  below: null,
  trouble: null,
};

export interface PickerProps {
  /** `account:/path` */
  readonly onChoose: (location: string) => void;
  readonly onClose: () => void;
}

/** Chooses a folder in a real account: arrows move, right opens, left closes, Enter chooses. */
export function Picker({ onChoose, onClose }: PickerProps) {
  const names = accounts.value?.map(({ name }) => name) ?? [];
  const account = useSignal(names[0] ?? "");
  const tree = useSignal<Folder>(root);
  const at = useSignal("");
  const { busy, problem, act } = useAct();
  useEffect(() => {
    tree.value = { ...root, name: `${account.value}:/` };
    at.value = "";
    if (account.value !== "") void open(account.value, tree, []);
  }, [account.value]);
  const lines = flat(tree.value);
  const chosen = lines.find((folder) => keyOf(folder) === at.value) ?? lines[0];
  const location = `${account.value}:/${chosen?.path.join("/") ?? ""}`;

  function toggle({ path, isOpen }: Folder): void {
    if (isOpen) tree.value = changed(tree.value, path, { isOpen: false });
    else void open(account.value, tree, path);
  }

  function onKey(event: KeyboardEvent): void {
    const index = chosen ? lines.indexOf(chosen) : 0;
    const to = (folder: Folder | undefined) => {
      if (folder) at.value = keyOf(folder);
    };
    switch (event.key) {
      case "ArrowDown":
        to(lines[index + 1]);
        break;
      case "ArrowUp":
        to(lines[index - 1]);
        break;
      case "Home":
        to(lines[0]);
        break;
      case "End":
        to(lines.at(-1));
        break;
      case "Enter":
        onChoose(location);
        break;
      default: {
        const levels = lines.map(({ path, isOpen }) => ({ level: path.length, isOpen }));
        const press = pressOf(event.key, levels, index);
        if (!press) return;
        if ("to" in press) to(lines[press.to]);
        else if (chosen) toggle(chosen);
      }
    }
    event.preventDefault();
  }

  const make = () => {
    const name = prompt("Name of the new folder");
    if (!name || !chosen) return;
    void act(async () => {
      const json = { name, ...(chosen.id !== undefined && { in: chosen.id }) };
      await ask(api.accounts[":name"].folders.$post({ param: { name: account.value }, json }));
      await open(account.value, tree, chosen.path);
      at.value = [...chosen.path, name].join("/");
    });
  };

  return (
    <Dialog title="Choose a folder" onClose={onClose}>
      <label class="field">
        Account
        <select
          value={account.value}
          onChange={(event) => {
            account.value = event.currentTarget.value;
          }}
        >
          {names.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <Trouble problem={problem.value} />
      <div class="picker" role="tree" aria-label={`Folders of ${account.value}`}>
        {lines.map((folder) => (
          <Line
            key={keyOf(folder)}
            folder={folder}
            isChosen={folder === chosen}
            onKey={onKey}
            onOpen={() => {
              at.value = keyOf(folder);
              toggle(folder);
            }}
          />
        ))}
      </div>
      <div class="acts">
        <Button kind="main" onPress={() => onChoose(location)}>
          Choose {location}
        </Button>
        <Button disabled={busy.value} onPress={make}>
          New folder…
        </Button>
      </div>
    </Dialog>
  );
}

const keyOf = ({ path }: Folder) => path.join("/");

interface LineProps {
  readonly folder: Folder;
  readonly isChosen: boolean;
  readonly onOpen: () => void;
  readonly onKey: (event: KeyboardEvent) => void;
}

function Line({ folder, isChosen, onOpen, onKey }: LineProps) {
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isChosen) line.current?.focus();
  }, [isChosen]);
  return (
    <div
      ref={line}
      role="treeitem"
      tabIndex={isChosen ? 0 : -1}
      aria-selected={isChosen}
      aria-expanded={folder.isOpen}
      aria-level={folder.path.length + 1}
      style={{ paddingInlineStart: `${folder.path.length * 1.1 + 0.5}rem` }}
      onClick={onOpen}
      onKeyDown={onKey}
    >
      <Icon name={folder.isOpen ? "open" : "closed"} /> {folder.name}
      {folder.trouble !== null && <span class="wrong"> {folder.trouble}</span>}
      {folder.isOpen && folder.below?.length === 0 && <span class="soft"> no folders in it</span>}
    </div>
  );
}

/** A folder, and all below it that can be seen. */
function flat(folder: Folder): Folder[] {
  const below = folder.isOpen ? (folder.below ?? []) : [];
  return [folder, ...below.flatMap(flat)];
}

/** The same tree with one folder of it changed. */
function changed(folder: Folder, path: readonly string[], change: Partial<Folder>): Folder {
  const [name, ...rest] = path;
  if (name === undefined) return { ...folder, ...change };
  const below = folder.below?.map((each) =>
    each.path.at(-1) === name ? changed(each, rest, change) : each,
  );
  return { ...folder, below: below ?? null };
}

function found(folder: Folder, [name, ...rest]: readonly string[]): Folder | null {
  if (name === undefined) return folder;
  const next = folder.below?.find(({ path }) => path.at(-1) === name);
  return next ? found(next, rest) : null;
}

/** Asks the account what is in a folder, each time that it is opened: it may have changed. */
async function open(account: string, tree: Signal<Folder>, path: readonly string[]): Promise<void> {
  const folder = found(tree.value, path);
  if (!folder) return;
  try {
    const query = folder.id === undefined ? {} : { in: folder.id };
    const request = { param: { name: account }, query };
    const { folders } = await ask(api.accounts[":name"].folders.$get(request));
    const below = folders.map(({ id, name }) => ({ ...root, id, name, path: [...path, name] }));
    tree.value = changed(tree.value, path, { below, isOpen: true, trouble: null });
  } catch (error) {
    tree.value = changed(tree.value, path, { trouble: problemOf(error).message });
  }
}
