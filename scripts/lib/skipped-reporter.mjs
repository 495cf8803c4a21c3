// A reporter of node:test that tells nothing but the tests which were skipped, by their whole names, and why.

export default async function* skipped(events) {
  const names = [];
  for await (const { type, data } of events) {
    if (type === 'test:start') names.splice(data.nesting, Infinity, data.name);
    else if (type === 'test:pass' && data.skip) {
      const reason = typeof data.skip === 'string' ? data.skip : 'no reason given';
      yield `${[...names.slice(0, data.nesting), data.name].join(' › ')} (${reason})\n`;
    }
  }
}
