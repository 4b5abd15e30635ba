// The same dashboard on a diet: one snapshot to begin with, then only what changed. The page keeps the state.
let state;
let lastSeq = 0;

export function onMessage(message, view) {
  switch (message.type) {
    case 'snapshot':
      state = { ...message.state };
      break;
    case 'delta':
      if (message.seq !== lastSeq + 1) view.banner('some updates were lost');
      Object.assign(state, message.changes);
      break;
    case 'alert':
      return view.alert({ at: message.ts, level: message.level, text: message.text, metric: message.metric });
    default:
      return undefined;
  }
  lastSeq = message.seq;
  return view.draw({
    at: message.ts,
    title: state.hostname,
    cpu: state.cpuUser + state.cpuSystem,
    memory: state.memoryUsed / state.memoryTotal,
    perSecond: state.perSecond,
    queued: state.queued,
    total: state.total,
    errors: state.errors,
    p95: state.p95,
    disks: state.disks.map(({ mount, usedBytes, totalBytes }) => ({ mount, share: usedBytes / totalBytes })),
    frozen: state.maintenanceUntil !== undefined,
  });
}
