import { signedIn } from "../e2e/clouds.ts";
import type { RealClouds } from "../e2e/scenarios/clouds.ts";

const rules = `
  - { name: both, from: "dropbox:/Both", to: "drive:/Both", mode: two-way, quiet: 0s }
  - { name: team, from: "drive:/Team", to: "onedrive:/Team", mode: two-way, quiet: 1s }
  - { name: desk, from: "onedrive:/Desk", to: "dropbox:/Desk", mode: two-way, quiet: 0s }
  - { name: mirror, from: "dropbox:/Mirror", to: "onedrive:/Mirror", mode: mirror, quiet: 0s }
`;

/** A rule file with rules between each two of the stand-ins, and what it takes from the environment. */
export function configure(clouds: RealClouds) {
  const { yaml, env } = signedIn(clouds);
  return { yaml: yaml(rules), env };
}
