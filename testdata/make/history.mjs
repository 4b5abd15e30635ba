// What happened on the server, second by second: the same for whoever tells it, from one seed.
const SEED = 20260303;
const START = Date.UTC(2026, 2, 3, 9, 0, 0);
const GIB = 2 ** 30;

// xorshift32: numbers in [0, 1).
function random(seed) {
  let x = seed;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) / 2 ** 32;
  };
}

const tenth = (x) => Math.round(x * 10) / 10;
const within = (low, x, high) => Math.min(high, Math.max(low, x));

export function history(seconds) {
  const next = random(SEED);
  const around = (width) => (next() - 0.5) * width;
  let load = 34;
  let memory = Math.round(9.1 * GIB);
  let disk = 181 * GIB;
  let perSecond = 420;
  let queued = 12;
  let total = 91827364;
  return Array.from({ length: seconds }, (_, i) => {
    load = within(4, load + around(7), 96);
    perSecond = within(40, perSecond + Math.round(around(50)), 990);
    queued = within(0, queued + Math.round(around(5)), 99);
    total += perSecond;
    if (i % 31 === 30) memory += Math.round(around(0.2 * GIB));
    if (i % 45 === 44) disk += 4096 * Math.round(1000 * next());
    return {
      ts: START + i * 1000,
      cpuUser: tenth(load * 0.7),
      cpuSystem: tenth(load * 0.2),
      cpuIowait: tenth(load * 0.1),
      cores: [0, 1].map(() => Math.round(within(0, load + around(20), 100))),
      memoryUsed: memory,
      memoryTotal: 16 * GIB,
      memoryCached: 3 * GIB,
      perSecond,
      queued,
      total,
      errors: Math.floor(i / 37),
      p50: Math.round(8 + 3 * next()),
      p95: 31 + 12 * next(),
      disks: [
        { mount: '/', device: '/dev/nvme0n1p2', usedBytes: disk, totalBytes: 477 * GIB },
        { mount: '/var/lib/data', device: '/dev/nvme1n1', usedBytes: 704 * GIB, totalBytes: 954 * GIB },
      ],
    };
  });
}

const alerts = new Map([
  [67, { level: 'warn', text: 'CPU über 70 % seit 60 s', metric: 'cpu.user' }],
  [141, { level: 'critical', text: 'Request rate fell below half of yesterday\'s', metric: 'requests.perSecond' }],
]);

export const alertAt = (second, ts) => alerts.has(second) && { type: 'alert', ts, ...alerts.get(second) };

export const host = {
  hostname: 'web-07.fra1.example.com',
  region: 'eu-central-1',
  os: 'Debian GNU/Linux 12 (bookworm)',
  kernel: '6.1.0-28-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1',
};
export const flags = { canary: true, darkLaunch: false, readOnly: false };
