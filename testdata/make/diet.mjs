// The server on a diet: one snapshot of what is shown, then every five seconds what moved by more than 5 % since it
// was last sent. Only fields that a viewer reads.
import { flags, host } from './history.mjs';

const BATCH_SECONDS = 5;
const THRESHOLD = 0.05;

const state = (now) => ({
  hostname: host.hostname,
  cpuUser: now.cpuUser,
  cpuSystem: now.cpuSystem,
  memoryUsed: now.memoryUsed,
  memoryTotal: now.memoryTotal,
  perSecond: now.perSecond,
  queued: now.queued,
  total: now.total,
  errors: now.errors,
  p95: Math.round(now.p95),
  disks: now.disks.map(({ mount, usedBytes, totalBytes }) => ({ mount, usedBytes, totalBytes })),
  flags,
});

function isWorthSending(before, after) {
  if (typeof after === 'number') return Math.abs(after - before) > THRESHOLD * Math.abs(before);
  return JSON.stringify(before) !== JSON.stringify(after);
}

export class Server {
  #sent = new Map(); // viewer -> { seq, state }

  subscribed(now, viewer) {
    const sent = { seq: 1, state: state(now) };
    this.#sent.set(viewer, sent);
    return [{ type: 'snapshot', seq: sent.seq, ts: now.ts, state: { ...sent.state } }];
  }

  tick(now, second, viewer) {
    if (second % BATCH_SECONDS !== BATCH_SECONDS - 1) return [];
    const sent = this.#sent.get(viewer);
    const changes = Object.fromEntries(
      Object.entries(state(now)).filter(([key, value]) => isWorthSending(sent.state[key], value)));
    if (Object.keys(changes).length === 0) return [];
    Object.assign(sent.state, changes);
    sent.seq++;
    return [{ type: 'delta', seq: sent.seq, ts: now.ts, changes }];
  }
}

export const subscription = (panels) => ({ type: 'subscribe', panels });
