// Validation with ajv against the messages of an AsyncAPI document, and the pruning of a message, as one would write
// them without knowing how wirediet does it.
import Ajv from 'ajv';
import addFormats from 'ajv-formats';

// Every object that lists its properties allows no others, so that a field that is declared nowhere shows.
function close(node) {
  if (node === null || typeof node !== 'object') return;
  if (node.type === 'object' && node.properties) node.additionalProperties = false;
  Object.values(node).forEach(close);
}

// Gives fits(messageName, message): the errors. `allow` lists members that are known to be declared nowhere.
export function closed(document, { allow = {} } = {}) {
  close(document.components);
  const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false });
  addFormats(ajv);
  ajv.addSchema(document, 'document');
  return (name, message) => {
    const validate = ajv.getSchema(`document#/components/messages/${name}/payload`);
    if (!validate) return [`the schema has no message ${name}`];
    validate(without(message, allow[name] ?? []));
    return (validate.errors ?? []).map(({ instancePath, message: text, params }) => (
      `${instancePath} ${text} ${JSON.stringify(params)}`));
  };
}

// The message without the members at these paths ("a.b", "a[].b"), and without objects that this leaves empty.
export function without(message, paths) {
  const copy = structuredClone(message);
  for (const path of paths) remove(copy, path.split('.'));
  return copy;
}

function remove(node, [step, ...rest]) {
  if (node === null || typeof node !== 'object') return;
  const key = step.replace(/\[\]$/, '');
  if (!(key in node)) return;
  if (rest.length === 0) delete node[key];
  else if (step.endsWith('[]')) node[key].forEach((element) => remove(element, rest));
  else {
    remove(node[key], rest);
    if (Object.keys(node[key]).length === 0) delete node[key];
  }
}
