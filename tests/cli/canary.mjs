// tests/cli/canary.mjs - writes the evidence for two tests of safe output, without the code under test.
//
//   node canary.mjs tokens DIR    DIR/tokens.pcap, where each value, host, cookie, query and identifier is a token of its
//                                 own, and DIR/tokens.txt, one token a line
//   node canary.mjs lines DIR     the same as DIR/lines.ndjson, some lines broken, and DIR/lines.txt
//   node canary.mjs har DIR       the same as DIR/har.har: addresses, headers, cookies, bodies, messages, and DIR/har.txt
//   node canary.mjs hostile DIR   a capture, schema and usage file whose every name is an escape sequence, HTML, Markdown
//                                 or a spreadsheet formula
import { writeFileSync } from 'node:fs';

const [, , what, dir] = process.argv;
let seed = 88172645463325252n;
function draw(n) {   // xorshift64: the same bytes in each run
    seed ^= (seed << 13n) & 0xffffffffffffffffn;
    seed ^= seed >> 7n;
    seed ^= (seed << 17n) & 0xffffffffffffffffn;
    return Number((seed >> 11n) % BigInt(n));
}

const tokens = [];
const letters = 'abcdefghijkmnpqrstuvwxyz23456789';
// Hexadecimal for what must look like an identifier, letters and digits elsewhere.
function token(alphabet = letters, length = 20) {
    let text = '';
    while (text.length < length) text += alphabet[draw(alphabet.length)];
    tokens.push(text);
    return text;
}
const hex = () => token('0123456789abcdef', 32);
const digits = () => '7' + token('0123456789', 14);

// --- a pcap: Ethernet | IPv4 | TCP | bytes, one connection after the other
const packets = [];
let clock = 1772528400000;
function packet(from, to, seq, ack, flags, payload) {
    const bytes = Buffer.alloc(54 + payload.length);
    bytes.writeUInt16BE(0x0800, 12);
    bytes[14] = 0x45;
    bytes.writeUInt16BE(40 + payload.length, 16);
    bytes[22] = 64;
    bytes[23] = 6;
    bytes.writeUInt32BE(from.ip, 26);
    bytes.writeUInt32BE(to.ip, 30);
    let sum = 0;
    for (let i = 14; i < 34; i += 2) sum += bytes.readUInt16BE(i);
    sum = (sum & 0xffff) + (sum >> 16);
    bytes.writeUInt16BE(~((sum & 0xffff) + (sum >> 16)) & 0xffff, 24);
    bytes.writeUInt16BE(from.port, 34);
    bytes.writeUInt16BE(to.port, 36);
    bytes.writeUInt32BE(seq >>> 0, 38);
    bytes.writeUInt32BE(ack >>> 0, 42);
    bytes[46] = 0x50;
    bytes[47] = flags;
    bytes.writeUInt16BE(65535, 48);
    payload.copy(bytes, 54);
    const head = Buffer.alloc(16);
    clock += 10;
    head.writeUInt32LE(Math.floor(clock / 1000), 0);
    head.writeUInt32LE((clock % 1000) * 1000, 4);
    head.writeUInt32LE(bytes.length, 8);
    head.writeUInt32LE(bytes.length, 12);
    packets.push(head, bytes);
}

function connect(port) {
    const client = { ip: 0x0a000001, port, seq: 1000 }, server = { ip: 0x0a000002, port: 8080, seq: 5000 };
    packet(client, server, client.seq++, 0, 2, Buffer.alloc(0));
    packet(server, client, server.seq++, client.seq, 18, Buffer.alloc(0));
    const send = (from, to) => data => {
        const all = Buffer.from(data);
        for (let at = 0; at < all.length; at += 1400) {
            const part = all.subarray(at, at + 1400);
            packet(from, to, from.seq, to.seq, 24, part);
            from.seq += part.length;
        }
    };
    return { say: send(client, server), answer: send(server, client) };
}

function frame(text, isMasked) {
    const body = Buffer.from(text), length = body.length;
    const head = length < 126 ? [0x81, length] : [0x81, 126, length >> 8, length & 255];
    if (!isMasked) return Buffer.concat([Buffer.from(head), body]);
    head[1] |= 128;
    const mask = [1, 2, 3, 4];
    return Buffer.concat([Buffer.from(head), Buffer.from(mask), body.map((b, i) => b ^ mask[i % 4])]);
}

function websocket(port, target, headers, messages) {
    const c = connect(port);
    c.say(`GET ${target} HTTP/1.1\r\n${headers}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n`
        + 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n');
    c.answer('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
        + 'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n');
    for (const m of messages) c.answer(frame(m));
    c.say(frame('{"hello":1}', true));
}

function sse(port, target, headers, events) {
    const c = connect(port);
    c.say(`GET ${target} HTTP/1.1\r\n${headers}Accept: text/event-stream\r\n\r\n`);
    c.answer('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n');
    for (const [event, id, data] of events) c.answer(`event: ${event}\nid: ${id}\ndata: ${data}\n\n`);
}

// HTTP/2: literal fields, one stream of events and one gRPC call.
function http2Frame(type, flags, stream, payload) {
    const head = Buffer.alloc(9);
    head.writeUIntBE(payload.length, 0, 3);
    head.writeUInt8(type, 3);
    head.writeUInt8(flags, 4);
    head.writeUInt32BE(stream, 5);
    return Buffer.concat([head, payload]);
}

function http2(port, target, method, fields, messages) {
    const c = connect(port);
    const text = s => [Buffer.from([s.length]), Buffer.from(s)];
    const block = pairs => Buffer.concat(pairs.flatMap(([name, value]) => [Buffer.from([0x40]), ...text(name), ...text(value)]));
    c.say(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), http2Frame(4, 0, 0, Buffer.alloc(0)),
        http2Frame(1, 5, 1, block([[':method', 'GET'], [':path', target], ...fields])),
        http2Frame(1, 4, 3, block([[':method', 'POST'], [':path', method], ['content-type', 'application/grpc'], ...fields]))]));
    c.answer(Buffer.concat([http2Frame(4, 0, 0, Buffer.alloc(0)),
        http2Frame(1, 4, 1, block([[':status', '200'], ['content-type', 'text/event-stream'], ...fields])),
        http2Frame(1, 4, 3, block([[':status', '200'], ['content-type', 'application/grpc'], ...fields]))]));
    for (const m of messages) {
        const prefix = Buffer.alloc(5), body = Buffer.from(m);
        prefix.writeUInt32BE(body.length, 1);
        c.answer(Buffer.concat([http2Frame(0, 0, 1, Buffer.from(`data: ${m}\n\n`)), http2Frame(0, 0, 3, prefix),
            http2Frame(0, 0, 3, body)]));
    }
    c.answer(http2Frame(1, 5, 3, block([['grpc-status', '0'], ['grpc-message', fields[0][1]]])));
}

function write(name) {
    const head = Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex');
    writeFileSync(`${dir}/${name}`, Buffer.concat([head, ...packets]));
}

// A HAR whose every value is a token: what a browser exports holds more secrets than traffic does.
function har() {
    const pairs = n => Array.from({ length: n }, () => ({ name: `x-${token()}`, value: token() }));
    const message = i => JSON.stringify({ type: 'state', seq: i, mail: `${token()}@${token()}.example`, note: token(),
        users: { [hex()]: { name: token() } }, link: `https://${token()}.example/?q=${token()}` });
    const entry = (scheme, path, more) => ({
        startedDateTime: '2026-03-03T09:00:00.000Z', time: 1000, connection: token(), serverIPAddress: token(), comment: token(),
        _initiator: { url: `https://${token()}.example/` },
        request: { method: 'POST', url: `${scheme}://${token()}:${token()}@${token()}.example${path}?access=${token()}#${token()}`,
            headers: pairs(3), cookies: pairs(2), queryString: pairs(2), headersSize: 10, bodySize: 5 },
        response: { status: 200, headers: pairs(3), cookies: pairs(1), content: { mimeType: 'text/html', text: token(), size: 20 } },
        ...more });
    const frames = Array.from({ length: 40 }, (_, i) => ({ type: i % 2 ? 'send' : 'receive', time: 1772528400 + i, opcode: 1, data: message(i) }));
    frames.push({ type: 'receive', time: 1, opcode: 2, data: Buffer.from(token()).toString('base64') },
        { type: 'receive', time: 1, opcode: 2, data: `!${token()}` }, { type: 'error', time: 1, opcode: -1, data: token() });
    const events = Array.from({ length: 40 }, (_, i) => ({ time: 1772528400 + i, eventName: 'state', eventId: token(), data: message(i) }));
    const poll = () => {
        const e = entry('https', '/poll', { connection: '1' });
        e.request.url = `https://poll.example/poll?access=${token()}`;
        e.request.postData = { mimeType: 'application/json', text: message(0), params: pairs(1) };
        e.response.content = { mimeType: 'application/json', text: Buffer.from(message(1)).toString('base64'), encoding: 'base64' };
        return e;
    };
    const stream = entry('http', `/events/${hex()}`, { _eventSourceMessages: events });
    stream.response.content.mimeType = 'text/event-stream';
    stream.response.content.text = events.map(e => `event: state\nid: ${e.eventId}\ndata: ${e.data}\n\n`).join('');
    return { log: { version: '1.2', creator: { name: token() }, pages: [{ id: token(), title: token() }], entries: [
        entry('wss', `/rooms/${hex()}/live`, { _webSocketMessages: frames }), stream, entry('https', `/page/${hex()}`), poll(), poll(), poll()] } };
}

if (what === 'har') {
    writeFileSync(`${dir}/har.har`, JSON.stringify(har()));
    writeFileSync(`${dir}/har.txt`, tokens.join('\n') + '\n');
} else if (what === 'lines') {
    const line = i => JSON.stringify({ type: 'state', seq: i, mail: `${token()}@${token()}.example`, note: token(), users: { [hex()]: token() } });
    const broken = [`${token()} ${token()}`, `{"${token()}`, `{"type":"state","x":"${token()}"`];
    writeFileSync(`${dir}/lines.ndjson`, [...Array.from({ length: 40 }, (_, i) => line(i)), ...broken].join('\n') + '\n');
    writeFileSync(`${dir}/lines.txt`, tokens.join('\n') + '\n');
} else if (what === 'tokens') {
    const headers = () => `Host: ${token()}.example\r\nCookie: sid=${token()}\r\nAuthorization: Bearer ${token()}\r\n`
        + `X-${token()}: ${token()}\r\n`;
    // The same value in each message, a new one, null and empty, and one from a few: what waste rules look at.
    const still = { address: token(), phone: digits(), mail: `${token()}@${token()}.example` };
    const few = [token(), token(), token()];
    const message = i => JSON.stringify({
        type: 'state', seq: i, owner: still, session_token: still.address, state: few[i % 3], note: token(), empty: null,
        number: Number(digits()), list: [token(), token()], users: { [hex()]: { name: token() }, [digits()]: { name: token() } },
        nested: JSON.stringify({ inner: token() }), link: `https://${token()}.example/${token()}?q=${token()}`,
    });
    const many = f => Array.from({ length: 40 }, (_, i) => f(i));
    websocket(40001, `/rooms/${hex()}/live?access=${token()}&user=${token()}`, headers(), many(message));
    websocket(40002, `/rooms/${digits()}/live?access=${token()}`, headers(), many(() => token()));
    sse(40003, `/events/${hex()}?key=${token()}`, headers(), many(i => ['state', token(), message(i)]));
    sse(40004, `/events/plain?key=${token()}`, headers(), many(() => ['plain', token(), token()]));
    http2(40005, `/h2/${hex()}?key=${token()}`, '/plant.Line/Watch',
        [[':authority', `${token()}.example`], ['cookie', `sid=${token()}`], [`x-${token()}`, token()]], many(message));
    write('tokens.pcap');
    writeFileSync(`${dir}/tokens.txt`, tokens.join('\n') + '\n');
} else {
    const names = ['\x1b]0;owned\x07\x1b[31m', '\x9b31m\u202eevil', '<script>alert(1)</script>', '"><img src=x onerror=alert(1)>',
        '=cmd()', '+1+1', '-2+3', '@SUM(A1)', '| a | b |', '`code` **bold**', '[x](javascript:alert(1))', '![i](http://evil.example/)',
        '@someone #123', '::error file=a::b', '##[error]x', 'a\nb\r\nc', '\u2028\u200b\ufeff'];
    const object = Object.fromEntries(names.map((n, i) => [n, i % 2 ? 'user@example.com' : { [n]: i }]));
    const types = [...names];
    websocket(40001, '/a%1b]0;x/' + encodeURI('<script>') + '?x=<script>', 'Host: <script>alert(1)</script>\r\n',
        types.flatMap(type => Array.from({ length: 22 }, () => JSON.stringify({ type, ...object }))));
    websocket(40002, '/<img/src=x>|`x`\x1b[31m', 'Host: x\r\n', [JSON.stringify(object)]);
    sse(40003, '/=cmd()', 'Host: x\r\n', names.filter(n => !/[\r\n]/.test(n)).map((n, i) => [n, i, JSON.stringify(object)]));
    http2(40004, '/<script>?x=<script>', '/a.<script>/`x`\x1b[31m', [[':authority', '<script>alert(1)</script>']],
        [JSON.stringify(object)]);
    write('hostile.pcap');
    const property = n => ({ description: n, title: n, type: n.length % 2 ? 'string' : ['object', 'string'] });
    const payload = { type: 'object', properties: Object.fromEntries(names.map(n => [n, property(n)])), required: [names[0]] };
    const messages = Object.fromEntries(names.map((n, i) => [`m${i}`, { name: n, title: n, summary: n, payload }]));
    writeFileSync(`${dir}/hostile.json`, JSON.stringify({
        asyncapi: '3.0.0', info: { title: names.join(' '), version: names[2] },
        channels: { [names[2]]: { address: names[3], messages } },
        operations: { receive: { action: 'send', channel: { $ref: '#/channels/' + names[2].replaceAll('/', '~1') } } },
    }, null, 2));
    writeFileSync(`${dir}/hostile.usage.json`, JSON.stringify({ wirediet: 'usage/1', consumers: [{
        name: names.join(' '), source: 'manifest',
        // a title may say onerror= in quotes, which the scan would not know from a handler
        messages: names.map(n => ({ message: n, reads: [{ path: JSON.stringify(names[4]), where: [n.replace('onerror=', 'onerror ')] }],
            escapes: [], complete: true })) }] }));
}
