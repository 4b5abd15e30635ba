// The naive server behind permessage-deflate, as many run it: "compression makes it cheap". With a trace id, which it does not.
import { createHash } from 'node:crypto';
import { Server as Naive } from './naive.mjs';

export { subscription } from './naive.mjs';

export class Server extends Naive {
  tick(now, second, viewer) {
    const traceId = createHash('sha256').update(`${second} ${viewer}`).digest('hex').slice(0, 32);
    return super.tick(now, second, viewer).map((message) => (message.type === 'metrics' ? { ...message, traceId } : message));
  }
}
