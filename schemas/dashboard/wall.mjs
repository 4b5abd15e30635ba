// The display on the office wall: three big figures, alerts in red, the feature flags in small print.
export function onMessage(message, view) {
  if (message.type === 'alert') {
    view.alert({ level: message.level, text: message.text });
    return;
  }
  if (message.type !== 'metrics') return;

  view.draw({
    at: message.ts,
    title: message.host.hostname,
    cpu: message.cpu.user,
    memory: message.memory.used / message.memory.total,
    perSecond: message.rps,
    smallPrint: JSON.stringify(message.flags),
  });
}
