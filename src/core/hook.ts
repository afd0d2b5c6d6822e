/** What is to be called after a step of a rule: a program of this machine, or an address. */
export type Hook =
  | {
      readonly kind: "run";
      /** The program and its arguments, as they are: no shell reads them. */
      readonly command: readonly [string, ...string[]];
    }
  | {
      readonly kind: "post";
      readonly url: string;
      /** What calls are signed with; null: they are not. */
      readonly secret: string | null;
    };

/** For people; shows neither arguments nor more of an address than its host, since both may hold secrets. */
export function hookLabel(hook: Hook): string {
  return hook.kind === "run" ? hook.command[0] : new URL(hook.url).host;
}
