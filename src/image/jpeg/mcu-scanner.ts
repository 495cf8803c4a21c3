/** The WebAssembly module that walks through entropy-coded data, set up for one file. */
import { instantiate } from '../../wasm/load.ts';
import type { ScanLayout } from './scan-layout.ts';

interface Exports {
  readonly memory: WebAssembly.Memory;
  freeMemory(): number;
  getStatus(): number;
  getPosition(): number;
  setPosition(at: number, end: number): void;
  getOut(): number;
  buildTable(slot: number, at: number): number;
  setFrame(at: number, count: number, interval: number): void;
  enter(mcu: number, at: number, end: number, skippedBits: number): void;
  setReadDc(component: number, value: number): void;
  getReadDc(component: number): number;
  skip(count: number, margin: number): number;
  settle(): void;
  unreadBytes(): number;
  usedBits(): number;
  beginCopy(at: number): void;
  copy(count: number): number;
  fill(count: number, endOfBlock: number): void;
  endCopy(): void;
}

export const SCAN_STATUS = { fine: 0, cutOff: 1, damaged: 2 } as const;

/** Components whose DC is part of a place. */
export const MAX_COMPONENTS = 4;

/** For tables on their way into the module. */
const SCRATCH_BYTES = 1_024;
const PAGE_BYTES = 65_536;

let shared: Exports | undefined;

/** The module of this thread with the tables of a file, until the next call; undefined when they make no sense. */
export function sharedScanner(layout: ScanLayout): McuScanner | undefined {
  shared ??= instantiate<Exports>('jpeg-scan');
  return load(new McuScanner(shared), layout);
}

/** The same with a memory of its own, for what takes longer than one call. */
export function newScanner(layout: ScanLayout): McuScanner | undefined {
  return load(new McuScanner(instantiate<Exports>('jpeg-scan')), layout);
}

function load(scanner: McuScanner, layout: ScanLayout): McuScanner | undefined {
  return scanner.load(layout) ? scanner : undefined;
}

export class McuScanner {
  readonly exports: Exports;
  readonly #scratch: number;

  constructor(exports: Exports) {
    this.exports = exports;
    this.#scratch = exports.freeMemory();
  }

  /** Where data can be put. */
  get dataAt(): number {
    return this.#scratch + SCRATCH_BYTES;
  }

  /** The module's memory, large enough for `end` bytes; stays valid until it grows. */
  bytes(end: number): Uint8Array {
    const { memory } = this.exports;
    const missing = end - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
    return new Uint8Array(memory.buffer);
  }

  load({ tables, blocks, restartInterval }: ScanLayout): boolean {
    const memory = this.bytes(this.dataAt);
    const has = (isAc: boolean, slot: number): boolean =>
      tables.some((table) => table.isAc === isAc && table.slot === slot);
    for (let i = 0; i < blocks.length; i += 3)
      if (!has(false, blocks[i + 1]!) || !has(true, blocks[i + 2]!)) return false;
    for (const { slot, isAc, body } of tables) {
      memory.fill(0, this.#scratch, this.#scratch + SCRATCH_BYTES);
      memory.set(body, this.#scratch);
      if (this.exports.buildTable(slot + (isAc ? 4 : 0), this.#scratch) === 0) return false;
    }
    memory.set(blocks, this.#scratch);
    this.exports.setFrame(this.#scratch, blocks.length / 3, restartInterval);
    return true;
  }

  /** Writes MCUs of even gray into the copy. */
  fill(count: number, endOfBlock: readonly number[]): void {
    new Int32Array(this.exports.memory.buffer, this.#scratch, MAX_COMPONENTS).set(endOfBlock);
    this.exports.fill(count, this.#scratch);
  }
}
