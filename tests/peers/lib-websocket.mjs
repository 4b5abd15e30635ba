// WebSocket frames over any stream of bytes, by the sender and receiver inside ws.
import { EventEmitter } from 'node:events';
import { PerMessageDeflate, Receiver as WsReceiver, Sender as WsSender } from 'ws';

function extensions(isServer, isDeflated) {
  if (!isDeflated) return {};
  const deflate = new PerMessageDeflate({ threshold: 0 }, isServer);
  deflate.accept([{}]);
  return { 'permessage-deflate': deflate };
}

// ws writes to sockets: it corks them, which a stream of node's http2 may not survive while others write.
const socketOf = (stream) => ({ cork() {}, uncork() {}, write: (bytes, callback) => stream.write(bytes, callback) });

export class Sender {
  constructor(stream, { isMasked, isDeflated }) {
    this.isMasked = isMasked;
    this.isDeflated = isDeflated;
    this.sender = new WsSender(socketOf(stream), extensions(!isMasked, isDeflated));
  }

  // In 1 + cuts fragments.
  send(text, cuts = 0) {
    const bytes = Buffer.from(text);
    for (let part = 0; part <= cuts; part++) {
      const piece = bytes.subarray(Math.floor(part * bytes.length / (cuts + 1)), Math.floor((part + 1) * bytes.length / (cuts + 1)));
      this.sender.send(piece, { binary: false, compress: this.isDeflated, fin: part === cuts, mask: this.isMasked }, () => {});
    }
  }

  ping(data) { this.sender.ping(data, this.isMasked, () => {}); }
  pong(data) { this.sender.pong(data, this.isMasked, () => {}); }
  close() { this.sender.close(1000, '', this.isMasked, () => {}); }
}

export class Receiver extends EventEmitter {
  constructor(stream, { isServer, isDeflated }) {
    super();
    const receiver = new WsReceiver({ isServer, extensions: extensions(isServer, isDeflated) });
    receiver.on('message', (data) => this.emit('message', data));
    receiver.on('ping', (data) => this.emit('ping', data));
    receiver.on('conclude', () => this.emit('close'));
    stream.on('data', (chunk) => receiver.write(chunk));
  }
}
