/** The name of a file that an operation is writing, beside its target. */
export function partName(operation: string): string {
  return `.syncline-${operation}.part`;
}

/** Whether a file of this name is being written, or was when its writer was killed. */
export function isPart(name: string): boolean {
  return name.startsWith(".syncline-") && name.endsWith(".part");
}
