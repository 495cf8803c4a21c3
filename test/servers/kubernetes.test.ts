import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { parseCommandLine } from '../../src/config/command-line.ts';
import { VARIABLES } from '../../src/config/variables.ts';
import { freePort } from '../support/ports.ts';
import { startProgram } from '../support/program.ts';
import { scopeOf } from '../support/scope.ts';
import { deployed } from './deployed.ts';
import { NGINX_MISSING, startNginxAt } from './nginx.ts';
import { askEverything, URI_MAP } from './questions.ts';

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

interface Container {
  readonly name: string;
  readonly args?: readonly string[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly volumeMounts?: readonly { readonly name: string; readonly readOnly?: boolean }[];
}

interface Manifest {
  readonly kind: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: {
    readonly template?: {
      readonly spec: {
        readonly containers: readonly Container[];
        readonly volumes: readonly { readonly name: string }[];
        readonly securityContext: Readonly<Record<string, unknown>>;
      };
    };
  };
}

async function manifests(): Promise<ReadonlyMap<string, Manifest>> {
  const documents = parseAllDocuments(await deployed('kubernetes/iipsrv.yaml', {}));
  for (const { errors, warnings } of documents) assert.deepEqual([...errors, ...warnings], []);
  return new Map(documents.map((document) => document.toJS() as Manifest).map((made) => [made.kind, made]));
}

function required<T>(value: T | undefined): T {
  assert.ok(value !== undefined);
  return value;
}

async function podOf(): Promise<{ readonly program: Container; readonly volumes: readonly string[] }> {
  const { spec } = required((await manifests()).get('Deployment')?.spec?.template);
  const program = required(spec.containers.find(({ name }) => name === 'iipsrv'));
  return { program, volumes: spec.volumes.map(({ name }) => name) };
}

describe('the Kubernetes manifest', () => {
  it('sets variables that there are', async () => {
    const known = new Set(Object.values(VARIABLES).flatMap(({ names }) => names));
    const { 'nginx.conf': site, ...settings } = required((await manifests()).get('ConfigMap')?.data);
    assert.ok(site);
    assert.deepEqual(Object.keys(settings).filter((name) => !known.has(name)), []); // prettier-ignore
  });

  it('starts the program with a command line that it takes', async () => {
    const { program } = await podOf();
    const commandLine = parseCommandLine(required(program.args), { version: '0' });
    assert.equal(commandLine.kind, 'serve', JSON.stringify(commandLine));
  });

  it('asks the port for administration whether the program lives', async () => {
    const { program } = await podOf();
    const probes = [program.startupProbe, program.readinessProbe, program.livenessProbe].map(required);
    assert.deepEqual(
      probes.map(({ httpGet }) => httpGet.path),
      ['/readyz', '/readyz', '/healthz'],
    );
    const port = required(program.ports?.find(({ name }) => name === 'admin')).containerPort;
    assert.ok(program.args?.join(' ').endsWith(`--admin 0.0.0.0:${port}`));
    assert.ok(probes.every(({ httpGet }) => httpGet.port === 'admin'));
  });

  it('gives the program nothing that it does not need', async () => {
    const { program, volumes } = await podOf();
    assert.deepEqual(program.securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    assert.deepEqual(
      program.volumeMounts?.map(({ name, readOnly = false }) => [name, readOnly, volumes.includes(name)]),
      [
        ['images', true, true],
        ['tmp', false, true],
      ],
    );
  });

  it(
    'has an nginx in front that gives what the program gives',
    { skip: NGINX_MISSING, timeout: 300_000 },
    async (test) => {
      const scope = scopeOf(test);
      const [behind, front] = [await freePort(), await freePort()];
      const { where } = await startProgram(scope, { where: { port: behind }, env: { URI_MAP } });
      const site = required((await manifests()).get('ConfigMap')?.data?.['nginx.conf'])
        .replace('listen 8080;', `listen 127.0.0.1:${front};`)
        .replace('127.0.0.1:9000', `127.0.0.1:${behind}`);
      const { port } = await startNginxAt(scope, front, site);
      await askEverything(test, { port, direct: where });
    },
  );
});
