import type { Size } from "./size.ts";
import { countOf, createStage, type Stage } from "./stage.ts";
import { checks, ensure, type Workload } from "./workload.ts";

const name = "equal";
const fileBytes = 100;
const perFolder = 500;
/** Of so many files one is so old that the services have no hash in common. */
const oneOldIn = 1_000;

/** Both sides hold the same, and Syncline knows neither. */
export const equal: Workload = {
  names: [name],
  async *rows(size, profileFolder) {
    const rule = { name: "bench", from: "drive:/In", to: "onedrive:/Out" };
    const stage = createStage([rule], profileFolder);
    await stage.open();
    try {
      const old = fill(stage, size);
      stage.setLine(size.line);
      const measured = await stage.measure("run");
      const uploads = countOf(measured.requests.onedrive, /put|sessions|upload/);
      ensure(uploads === 0, `${name}: ${uploads} requests for uploads`);
      const { bytesOut = 0 } = measured.requests.onedrive.get("content.get") ?? {};
      yield {
        ...measured,
        name,
        title: `first run over ${size.equalFiles.toLocaleString("en")} files, equal on both sides`,
        bytes: bytesOut,
        limitMs: null,
        checks: [checks.memory(measured, 300), checks.of("downloads", downloadsOf(stage), old)],
      };
    } finally {
      await stage.close();
    }
  },
};

/** Fills both drives alike; gives how many files have no hash that both sides tell. */
function fill(stage: Stage, size: Size): number {
  const { drive, onedrive } = stage;
  let old = 0;
  let folder = drive.files.rootId;
  for (let n = 0; n < size.equalFiles; n++) {
    const within = `${Math.floor(n / perFolder)}`;
    if (n % perFolder === 0) folder = drive.files.folder(`In/${within}`).id;
    const content = { sizeBytes: fileBytes, seed: n };
    const { id } = drive.files.put(folder, `${n}.bin`, content);
    onedrive.files.put(`Out/${within}/${n}.bin`, content);
    if (n % oneOldIn !== 0) continue;
    drive.files.trouble(id, { onlyMd5: true });
    old += 1;
  }
  stage.hashAll();
  return old;
}

/** Downloads begin at either side; bytes of OneDrive come from an address of their own. */
function downloadsOf({ drive, onedrive }: Stage): number {
  const ofDrive = drive.requests.filter(
    ({ route, bytesOut }) => route === "files.get" && bytesOut === fileBytes,
  );
  return ofDrive.length + countOf(onedrive.uses(), /^(content\.get|download)$/);
}
