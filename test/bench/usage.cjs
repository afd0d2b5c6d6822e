// Goes into the measured process ahead of everything, and tells at its end what that cost, on descriptor 3.
const { readFileSync, writeSync } = require("node:fs");

process.once("exit", () => {
  const { user, system } = process.cpuUsage();
  // The peak of `resourceUsage` begins with that of the process that started this one (execve(2)).
  const peakKib = Number(
    /^VmHWM:\s+(\d+) kB/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1],
  );
  writeSync(
    3,
    JSON.stringify({ cpuSeconds: (user + system) / 1e6, peakMb: (peakKib * 1024) / 1e6 }),
  );
});
