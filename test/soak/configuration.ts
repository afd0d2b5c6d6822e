import type { RealClouds } from "../e2e/scenarios/clouds.ts";

/** A rule file with rules between each two of the stand-ins, and what it takes from the environment. */
export function configure({ dropbox, drive, onedrive }: RealClouds) {
  const [a, b, c] = [dropbox.grant(), drive.grant(), onedrive.grant()];
  const yaml = `
accounts:
  dropbox:
    provider: dropbox
    clientId: ${a.clientId}
    clientSecret: $DROPBOX_SECRET
    refreshToken: $DROPBOX_TOKEN
    origin: ${dropbox.origin}
  drive:
    provider: google-drive
    clientId: ${b.clientId}
    clientSecret: $DRIVE_SECRET
    refreshToken: $DRIVE_TOKEN
    origin: ${drive.origin}
  onedrive:
    provider: onedrive
    clientId: ${c.clientId}
    clientSecret: $ONEDRIVE_SECRET
    refreshToken: $ONEDRIVE_TOKEN
    origin: ${onedrive.origin}
rules:
  - { name: both, from: "dropbox:/Both", to: "drive:/Both", mode: two-way, quiet: 0s }
  - { name: team, from: "drive:/Team", to: "onedrive:/Team", mode: two-way, quiet: 1s }
  - { name: desk, from: "onedrive:/Desk", to: "dropbox:/Desk", mode: two-way, quiet: 0s }
  - { name: mirror, from: "dropbox:/Mirror", to: "onedrive:/Mirror", mode: mirror, quiet: 0s }
`;
  const env = {
    DROPBOX_SECRET: a.clientSecret ?? "",
    DROPBOX_TOKEN: a.refreshToken,
    DRIVE_SECRET: b.clientSecret ?? "",
    DRIVE_TOKEN: b.refreshToken,
    ONEDRIVE_SECRET: c.clientSecret,
    ONEDRIVE_TOKEN: c.refreshToken,
  };
  return { yaml, env };
}
