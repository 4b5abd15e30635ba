// What the server reads of what its clients say.
export function onMessage(message, client) {
  switch (message.type) {
    case 'subscribe':
      client.panels = new Set(message.panels);
      client.since = message.since;
      break;
    case 'ack':
      client.upTo = message.upTo;
      break;
    default:
      break;
  }
}
