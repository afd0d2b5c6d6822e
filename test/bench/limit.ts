/** What a service's stand-in allows a client; null: without limit. */
export interface Service {
  /** What every request takes, whatever it carries. */
  readonly latencyMs: number;
  /** Of each connection, each way. */
  readonly bytesPerSecond: number | null;
  /** Requests that are served side by side. */
  readonly requestsAtOnce: number | null;
  /** Whether pieces of one new file may travel side by side (Dropbox docs: concurrent upload sessions). */
  readonly splitsUploads: boolean;
  /** Files that one request can bring into being (Dropbox docs: finish_batch_v2, 1000). */
  readonly filesPerCommit: number;
  /** How long a commit keeps all others out. */
  readonly commitMs: number;
  /** New files a second, after as many at once. */
  readonly createsPerSecond: number | null;
}

/** What is to be brought from one service to the other. */
export interface Load {
  readonly files: number;
  /** Of each file. */
  readonly fileBytes: number;
  /** Requests, one after the other, before the first file is known: sign-in, pages of the feed. */
  readonly requestsBefore: number;
}

/** The shortest time in which any client could bring the load: latency, lines and quotas alone. */
export function lowerLimitMs(load: Load, from: Service, to: Service): number {
  const beforeMs = load.requestsBefore * from.latencyMs;
  if (load.files === 0) return beforeMs;
  return beforeMs + Math.max(readingMs(load, from), writingMs(load, to));
}

/** A file can be read by ranges, hence over all connections at once. */
function readingMs(load: Load, service: Service): number {
  const byWidth = spreadMs(load.files, load, service);
  return Math.max(byWidth, service.latencyMs + sentMs(load.fileBytes, service, true));
}

function writingMs(load: Load, service: Service): number {
  const { files, fileBytes } = load;
  const oneMs = service.latencyMs + sentMs(fileBytes, service, service.splitsUploads);
  const singly = Math.max(oneMs, spreadMs(files, load, service), files * service.commitMs);
  const commits = Math.ceil(files / service.filesPerCommit);
  // Sessions are opened, filled and committed, each by requests that wait for the one before.
  const inBatches = Math.max(
    3 * service.latencyMs + sentMs(fileBytes, service, service.splitsUploads),
    spreadMs(3 * commits, load, service),
    commits * service.commitMs,
  );
  const byWidth = service.filesPerCommit > 1 ? Math.min(singly, inBatches) : singly;
  return Math.max(byWidth, quotaMs(files, service));
}

/** So many requests, and all bytes, over all connections. */
function spreadMs(requests: number, { files, fileBytes }: Load, service: Service): number {
  const { latencyMs, requestsAtOnce } = service;
  const all = requests * latencyMs + sentMs(files * fileBytes, service, false);
  return requestsAtOnce === null ? 0 : all / requestsAtOnce;
}

function sentMs(bytes: number, { bytesPerSecond, requestsAtOnce }: Service, isSplit: boolean) {
  if (bytesPerSecond === null) return 0;
  const connections = isSplit ? (requestsAtOnce ?? Infinity) : 1;
  return (bytes * 1000) / bytesPerSecond / connections;
}

function quotaMs(files: number, { createsPerSecond }: Service): number {
  if (createsPerSecond === null) return 0;
  return (Math.max(0, files - createsPerSecond) * 1000) / createsPerSecond;
}
