// The display on the office wall, on a diet: it keeps the last state and applies what changed.
let state;

export function onMessage(message, view) {
  if (message.type === 'alert') {
    view.alert({ level: message.level, text: message.text });
    return;
  }
  if (message.type === 'snapshot') state = { ...message.state };
  else if (message.type === 'delta') Object.assign(state, message.changes);
  else return;

  view.draw({
    at: message.ts,
    title: state.hostname,
    cpu: state.cpuUser,
    memory: state.memoryUsed / state.memoryTotal,
    perSecond: state.perSecond,
    smallPrint: JSON.stringify(state.flags),
  });
}
