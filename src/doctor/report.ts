/** `iipsrv doctor`: opens files as the server would, and says what it thinks of them. */
import fs from 'node:fs';
import path from 'node:path';
import { openFileSource, statIdentity } from '../image/file-source.ts';
import { OpenFiles } from '../image/open-files.ts';
import { openImage } from '../image/open.ts';
import { diagnose, diagnoseFailure, type Diagnosis } from './diagnose.ts';

export interface DoctorReport {
  readonly text: string;
  /** 0 all is fine, 1 there is advice, 2 a file is unreadable. */
  readonly exitStatus: 0 | 1 | 2;
}

const STATUS = { fine: 0, advice: 1, unreadable: 2 } as const;

/** A tile whose decoding shows whether the pixels are as good as the header. */
const SAMPLE = 256;

/** Examines files one after the other; nothing is changed. */
export async function examine(files: readonly string[], isJson: boolean): Promise<DoctorReport> {
  const diagnoses: Diagnosis[] = [];
  for (const file of files) diagnoses.push(await examineFile(file));
  const exitStatus = Math.max(
    0,
    ...diagnoses.map(({ verdict }) => STATUS[verdict]),
  ) as DoctorReport['exitStatus'];
  const text = isJson ? JSON.stringify(diagnoses, null, 2) : diagnoses.map(textOf).join('\n\n');
  return { text, exitStatus };
}

async function examineFile(file: string): Promise<Diagnosis> {
  const remarks: string[] = [];
  try {
    const stats = fs.statSync(file);
    if (!stats.isFile()) throw new Error('this is no file');
    const source = openFileSource(
      { path: path.resolve(file), identity: statIdentity(stats) },
      new OpenFiles(4),
      'sync',
    );
    const reader = await openImage(source, { report: (message) => remarks.push(message) });
    const smallest = reader.info.levels.length - 1;
    const { width, height } = reader.info.levels[smallest]!;
    const window = { x: 0, y: 0, width: Math.min(SAMPLE, width), height: Math.min(SAMPLE, height) };
    await reader.readWindow({ page: 0, level: smallest, window });
    reader.close();
    return diagnose(file, reader.info, remarks);
  } catch (thrown) {
    return diagnoseFailure(file, thrown);
  }
}

const VERDICTS = { fine: 'fine', advice: 'served, but could be better', unreadable: 'not served' } as const;

function textOf({ file, verdict, facts, advice, refusal }: Diagnosis): string {
  return [
    `${file}: ${VERDICTS[verdict]}`,
    ...Object.entries(facts).map(([name, value]) => `  ${`${name}:`.padEnd(13)}${value}`),
    ...(refusal === undefined ? [] : [`  ${refusal}`]),
    ...advice.flatMap(({ problem, remedy }) => [
      `  ! ${problem}`,
      ...(remedy === undefined ? [] : [`    ${remedy}`]),
    ]),
  ].join('\n');
}
