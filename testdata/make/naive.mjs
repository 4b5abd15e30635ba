// The server as such servers usually begin: everything it knows, to everyone, every second.
import { createHash } from 'node:crypto';
import { flags, host } from './history.mjs';

const text = (bytes) => Buffer.from(bytes).toString('base64url');

// A made-up JSON Web Token for the n-th viewer; nobody's key signed it.
function token(n) {
  const claims = JSON.stringify({
    iss: 'https://login.example.com', sub: `viewer-${n}`, aud: 'dash.example.com', exp: 1772614800,
    scope: 'metrics:read alerts:read inventory:read profile',
  });
  return `${text('{"alg":"HS256","typ":"JWT"}')}.${text(claims)}.${text(createHash('sha256').update(claims).digest())}`;
}

const owner = {
  name: 'Annika Lindqvist', email: 'annika.lindqvist@example.com', phone: '+49 30 5550 1177', team: 'platform',
};
const links = {
  runbook: 'https://wiki.example.com/runbooks/web/overload-and-failover',
  logs: 'https://logs.example.com/search?host=web-07.fra1.example.com&last=15m',
};
const build = {
  version: '2026.3.1', commit: '5f0c1be7a2d94c3f8e6b7d1a09c2e4f6b8d0a1c3', branch: 'release/2026.3', compiler: 'go1.22.7',
};
const thresholds = { cpu: 70, memory: 80, disk: 85 };
const packages = [
  { package: 'nginx', version: '1.22.1-9' },
  { package: 'openssl', version: '3.0.15-1' },
  { package: 'linux-image', version: '6.1.119-1' },
];

function metrics(now, second, viewer) {
  return {
    type: 'metrics',
    schemaVersion: '2.4.1',
    seq: second + 1,
    ts: now.ts,
    session: { token: token(viewer), locale: 'de-DE' },
    host,
    owner,
    cpu: {
      user: now.cpuUser, system: now.cpuSystem, iowait: now.cpuIowait,
      idle: Math.round(10 * (100 - now.cpuUser - now.cpuSystem - now.cpuIowait)) / 10, cores: now.cores,
    },
    memory: {
      total: now.memoryTotal, used: now.memoryUsed, free: now.memoryTotal - now.memoryUsed, cached: now.memoryCached,
    },
    requests: {
      perSecond: now.perSecond, queued: now.queued, total: String(now.total), errors: now.errors,
      latency: { p50: now.p50, p95: now.p95 },
    },
    rps: now.perSecond,
    disks: now.disks,
    flags,
    build,
    thresholds,
    links,
    maintenanceUntil: null,
    debug: null,
  };
}

export class Server {
  subscribed() {
    return [];
  }

  // What viewer number `viewer` is told in this second.
  tick(now, second, viewer) {
    const messages = [metrics(now, second, viewer)];
    if (second % 60 === 30) messages.push({ type: 'inventory', ts: now.ts, packages });
    return messages;
  }
}

export const subscription = (panels) => ({ type: 'subscribe', panels, since: 0 });
