import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { acceptQuickly } from '../../../src/server/fastcgi/accept.ts';

async function listening(test: TestContext, isWanted: boolean): Promise<Server> {
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  acceptQuickly(server, isWanted);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.after(() => server.close());
  return server;
}

const connected = async (server: Server): Promise<{ readonly ours: Socket; readonly theirs: Socket }> => {
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const theirs = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [ours] = await accepted;
  return { ours, theirs };
};

const openOf = (server: Server): Promise<number> =>
  new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
  );

/** With the private names of Node.js, whose values are to be the same in both ways; but for numbers that are given in turn. */
const ownProperties = (socket: Socket): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Reflect.ownKeys(socket).map((key) => {
      const name = String(key);
      const value: unknown = Reflect.get(socket, key);
      const isComparable = value === null || !['object', 'function'].includes(typeof value);
      const isCounted = name.includes('async_id');
      return [name, isComparable && !isCounted ? value : Object.prototype.toString.call(value)];
    }),
  );

for (const isWanted of [true, false])
  describe(`sockets of a server${isWanted ? ', made quickly' : ''}`, () => {
    it('carry bytes both ways, half open, and are counted until they are closed', async (test) => {
      const server = await listening(test, isWanted);
      const { ours, theirs } = await connected(server);
      assert.equal(await openOf(server), 1);
      theirs.end('question');
      const [asked] = (await once(ours, 'data')) as [Buffer];
      await once(ours, 'end');
      ours.end(`answer to ${asked.toString()}`);
      const [answer] = (await once(theirs, 'data')) as [Buffer];
      assert.equal(answer.toString(), 'answer to question');
      await once(theirs, 'close');
      const closing = once(server, 'close');
      server.close();
      await closing; // Comes when no connection is left.
    });

    it('that cannot be accepted are an error of the server', async (test) => {
      const server = await listening(test, isWanted);
      const failed = once(server, 'error') as Promise<[NodeJS.ErrnoException]>;
      const { _handle: handle } = server as unknown as {
        readonly _handle: { onconnection(status: number): void };
      };
      handle.onconnection(-24); // EMFILE
      assert.equal((await failed)[0].code, 'EMFILE');
    });
  });

describe('a quickly made socket', () => {
  it('is like any other', async (test) => {
    const [quick, usual] = [await listening(test, true), await listening(test, false)];
    const made = await connected(quick);
    const other = await connected(usual);
    assert.deepEqual(ownProperties(made.ours), ownProperties(other.ours));
    for (const { ours, theirs } of [made, other]) for (const socket of [ours, theirs]) socket.destroy();
  });
});

describe('a server that is not as expected', () => {
  it('stays as it is', () => {
    const server = createServer();
    acceptQuickly(server, true);
    assert.doesNotThrow(() => server.emit('listening'));
  });
});
