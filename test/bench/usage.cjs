// Goes into the measured process ahead of everything, and tells at its end what that cost, on descriptor 3.
const { readFileSync, writeSync } = require("node:fs");

process.once("exit", () => {
  const { user, system } = process.cpuUsage();
  const status = readFileSync("/proc/self/status", "utf8");
  // The peak of `resourceUsage` begins with that of the process that started this one (execve(2)).
  const peakKib = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]);
  // Nanoseconds for which the main thread could have run, and others had the cores.
  const waitedNs = Number(readFileSync("/proc/self/schedstat", "utf8").split(" ")[1]);
  const cost = {
    cpuSeconds: (user + system) / 1e6,
    peakMb: (peakKib * 1024) / 1e6,
    waitedMs: waitedNs / 1e6,
  };
  writeSync(3, JSON.stringify(cost));
});
