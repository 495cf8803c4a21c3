/** What a server can do, found out by asking it before anything is measured. */
import type { LoadJob, Sample } from '../load/job.ts';
import type { Generator } from '../load/generator-process.ts';
import type { Running } from '../servers/contender.ts';
import type { Workload } from '../workloads/workload.ts';
import { decode, likeness, type Picture } from './picture.ts';

export type Ability =
  | { readonly kind: 'able'; readonly picture: Picture | undefined }
  | { readonly kind: 'unable'; readonly why: string };

/** Pictures more alike than this come from a server that left the operation out; encoders differ by less. */
const SAME_DB = 45;

const ONE: Omit<LoadJob, 'address' | 'uris' | 'expects'> = {
  clients: 1,
  keepAlive: false,
  seconds: 0,
  atLeast: 1,
  seed: 1,
  patienceSeconds: 30,
  samples: 1,
};

/** Whether `server` answers the first request of `workload` with a right picture that the operation has changed. */
export async function probe(server: Running, workload: Workload, generator: Generator): Promise<Ability> {
  const { expects, uris, plainUris } = workload;
  const answer = await askOne(server, { expects, uri: uris[0]! }, generator);
  if (typeof answer === 'string') return { kind: 'unable', why: answer };
  if (expects === 'json') return { kind: 'able', picture: undefined };
  const problem = await pictureProblem(answer, workload);
  if (problem !== undefined) return { kind: 'unable', why: problem };
  const picture = await decode(answer.body);
  if (plainUris === undefined) return { kind: 'able', picture };
  const plain = await askOne(server, { expects, uri: plainUris[0]! }, generator);
  if (typeof plain === 'string') return { kind: 'unable', why: `without the operation: ${plain}` };
  const isSame = likeness(picture, await decode(plain.body)) > SAME_DB;
  return isSame ? { kind: 'unable', why: 'leaves the operation out' } : { kind: 'able', picture };
}

/** What is wrong with a sampled answer, looked at closely. */
export async function pictureProblem(
  { body }: Sample,
  { size, expects }: Workload,
): Promise<string | undefined> {
  if (expects === 'json') return undefined;
  try {
    const { width, height } = await decode(body);
    const isRight = width === size.width && height === size.height;
    return isRight ? undefined : `${width} x ${height} pixels`;
  } catch {
    return 'no picture that can be decoded';
  }
}

interface Question {
  readonly expects: LoadJob['expects'];
  readonly uri: string;
}

/** The answer, or what is wrong with it. */
async function askOne(
  server: Running,
  { expects, uri }: Question,
  generator: Generator,
): Promise<Sample | string> {
  const { samples, problems } = await generator.run({
    ...ONE,
    address: server.address,
    expects,
    uris: server.spell([uri]),
  });
  const [sample] = samples;
  const [problem = 'no answer'] = problems.keys();
  return sample ?? (server.hasEnded ? 'ends at this request' : problem);
}

/** How many connections a server keeps and serves at once. */
export type Keeping = 'none' | 'one' | 'many';

/** One after the other: on a busy machine a server that serves both clients may let one wait for as long as the first. */
const KEEPING_SECONDS = [0.6, 1.8, 5.4];

/** Two clients that keep their connections: in a server that serves one after the other, one of them waits to the end. */
export async function probeKeeping(server: Running, uri: string, generator: Generator): Promise<Keeping> {
  const job: LoadJob = {
    ...ONE,
    address: server.address,
    expects: 'anything',
    uris: [uri],
    keepAlive: true,
    samples: 0,
  };
  const alone = await generator.run({ ...job, atLeast: 3, patienceSeconds: 5 });
  if (alone.problems.size > 0) return 'none';
  for (const seconds of KEEPING_SECONDS) {
    const { latenciesMs, problems } = await generator.run({ ...job, clients: 2, seconds });
    const slowestMs = latenciesMs.at(-1) ?? Infinity;
    if (problems.size === 0 && slowestMs < seconds * 900) return 'many';
  }
  return 'one';
}
