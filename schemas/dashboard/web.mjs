// The dashboard in the browser: one card per server, kept up to date by what /live pushes.
// `view` draws; it is the page in a browser and a recorder in the capture script.
let lastSeq = 0;

export function onMessage(message, view) {
  switch (message.type) {
    case 'metrics':
      return showMetrics(message, view);
    case 'alert':
      return view.alert({ at: message.ts, level: message.level, text: message.text, metric: message.metric });
    case 'maintenance':
      return view.banner(`${message.text} (${message.from} to ${message.until})`);
    default:
      return undefined;
  }
}

function showMetrics(metrics, view) {
  if (lastSeq && metrics.seq !== lastSeq + 1) view.banner('some updates were lost');
  lastSeq = metrics.seq;

  const { cpu, memory, requests } = metrics;
  view.draw({
    at: metrics.ts,
    title: metrics.host.hostname,
    cpu: cpu.user + cpu.system + (cpu.steal ?? 0),
    memory: memory.used / memory.total,
    perSecond: requests.perSecond,
    queued: requests.queued,
    total: Number(requests.total),
    errors: requests.errors,
    p95: requests.latency.p95,
    disks: metrics.disks.map(({ mount, usedBytes, totalBytes }) => ({ mount, share: usedBytes / totalBytes })),
    frozen: metrics.maintenanceUntil !== null,
  });
}
