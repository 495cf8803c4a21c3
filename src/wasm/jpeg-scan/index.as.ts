/**
 * Reads the entropy-coded data of a sequential JPEG (ITU-T T.81, annex F) without making pixels of it: to note where
 * its MCUs begin, and to copy some of them into a scan of their own.
 *
 * The copy has DC tables in which every category has a code of four bits, so that the first DC of a row can be stated
 * whatever tables the file has; everything else is copied bit by bit.
 */

/** Memory: eight tables (DC 0 to 3, AC 0 to 3), the frame, then what the caller lays out from `FREE` on. */
const TABLE_BYTES: i32 = 2560;
/** Within a table: codes of up to 10 bits by their first 10 bits as length << 8 | symbol, then the longer ones. */
const FAST_BITS: i32 = 10;
const MAX_CODE: i32 = 2048;
const VALUE_OFFSET: i32 = 2048 + 72;
const SYMBOLS: i32 = 2048 + 144;
const BLOCKS: i32 = 8 * TABLE_BYTES;
const MAX_BLOCKS: i32 = 10;
/** DC of the last block of each component: as read, and as written. */
const READ_DC: i32 = BLOCKS + 64;
const WRITTEN_DC: i32 = READ_DC + 16;
const FREE: i32 = WRITTEN_DC + 48;

const FINE: i32 = 0;
const CUT_OFF: i32 = 1;
const DAMAGED: i32 = 2;

let blockCount: i32 = 0;
let restartInterval: i32 = 0;

let position: i32 = 0;
let end: i32 = 0;
let bits: u64 = 0;
let bitCount: i32 = 0;
/** Bits in `bits` that lie behind the data. */
let paddingBits: i32 = 0;
let status: i32 = FINE;
/** MCUs since the beginning of the scan. */
let mcu: i32 = 0;
let isAtRestart: bool = false;

let out: i32 = 0;
let outBits: u64 = 0;
let outCount: i32 = 0;
let isCopying: bool = false;

export function freeMemory(): i32 {
  return FREE;
}

/** The last MCU that was asked for could not be read: 1 the data ends, 2 they make no sense. */
export function getStatus(): i32 {
  return status;
}

export function getPosition(): i32 {
  return position;
}

export function setPosition(at: i32, to: i32): void {
  position = at;
  end = to;
}

export function getOut(): i32 {
  return out;
}

/** Builds a table from a DHT body at `at`: 16 counts, symbols. Answers whether its codes fit. */
export function buildTable(slot: i32, at: i32): bool {
  const table = slot * TABLE_BYTES;
  memory.fill(table, 0, TABLE_BYTES);
  let code: i32 = 0;
  let symbol: i32 = 0;
  for (let length: i32 = 1; length <= 16; length++) {
    const count: i32 = load<u8>(at + length - 1);
    if (symbol + count > 256 || code + count > 1 << length) return false;
    store<i32>(table + VALUE_OFFSET + length * 4, symbol - code);
    for (let i: i32 = 0; i < count; i++, code++, symbol++) {
      const value: i32 = load<u8>(at + 16 + symbol);
      store<u8>(table + SYMBOLS + symbol, <u8>value);
      if (length > FAST_BITS) continue;
      const first: i32 = code << (FAST_BITS - length);
      for (let k: i32 = 0; k < 1 << (FAST_BITS - length); k++)
        store<u16>(table + (first + k) * 2, <u16>((length << 8) | value));
    }
    store<i32>(table + MAX_CODE + length * 4, count > 0 ? code - 1 : -1);
    code <<= 1;
  }
  return true;
}

/** The blocks of an MCU at `at`: component, DC table, AC table for each. */
export function setFrame(at: i32, count: i32, interval: i32): void {
  blockCount = min(count, MAX_BLOCKS);
  memory.copy(BLOCKS, at, blockCount * 3);
  restartInterval = interval;
}

/** Goes to an MCU whose data begin at `at`, `skippedBits` bits into that byte. */
export function enter(number: i32, at: i32, to: i32, skippedBits: i32): void {
  mcu = number;
  setPosition(at, to);
  bits = 0;
  bitCount = 0;
  paddingBits = 0;
  status = FINE;
  isAtRestart = true;
  if (skippedBits > 0) take(skippedBits);
}

export function setReadDc(component: i32, value: i32): void {
  store<i32>(READ_DC + component * 4, value);
}

export function getReadDc(component: i32): i32 {
  return load<i32>(READ_DC + component * 4);
}

/** Does what lies between two MCUs: a restart, where one is due. */
function pass(): void {
  if (restartInterval > 0 && mcu % restartInterval == 0 && !isAtRestart) restart();
  isAtRestart = false;
}

/** Reads over MCUs; answers how many there were before the data ended or came within `margin` of `end`. */
export function skip(count: i32, margin: i32): i32 {
  let done: i32 = 0;
  while (done < count && end - position >= margin) {
    pass();
    if (status == FINE) readMcu();
    if (status != FINE) break;
    done++;
    mcu++;
  }
  return done;
}

/** Does a restart that is due, so that the place of the next MCU can be noted. */
export function settle(): void {
  pass();
  isAtRestart = true;
}

/** Bytes before `position` at which the next MCU begins, and the bits of that byte that belong to the one before. */
export function unreadBytes(): i32 {
  return position - placeOfNext();
}

export function usedBits(): i32 {
  return (8 - (bitCount & 7)) & 7;
}

function placeOfNext(): i32 {
  let at = position;
  // What was never in the data lies on top of it.
  for (let left = bitCount - paddingBits; left > 0; left -= 8) {
    at--;
    if (load<u8>(at) == 0 && load<u8>(at - 1) == 0xff) at--;
  }
  return at;
}

/** Begins a copy at `at`. */
export function beginCopy(at: i32): void {
  out = at;
  outBits = 0;
  outCount = 0;
  memory.fill(WRITTEN_DC, 0, 16);
}

/** Copies MCUs; answers how many could be read. */
export function copy(count: i32): i32 {
  isCopying = true;
  const done = skip(count, i32.MIN_VALUE);
  isCopying = false;
  return done;
}

/** Writes MCUs of even gray, for those that are missing. `endOfBlock`: code and length in each AC table, `code << 8 | length`. */
export function fill(count: i32, endOfBlock: i32): void {
  for (let i: i32 = 0; i < count; i++) {
    for (let block: i32 = 0; block < blockCount; block++) {
      writeDc(load<u8>(BLOCKS + block * 3), 0);
      const code = load<i32>(endOfBlock + 4 * <i32>load<u8>(BLOCKS + block * 3 + 2));
      write(code >> 8, code & 255);
    }
  }
}

/** Ends a copy with ones up to the next byte. */
export function endCopy(): void {
  if (outCount > 0) write((1 << (8 - outCount)) - 1, 8 - outCount);
}

function restart(): void {
  bits = 0;
  bitCount = 0;
  if (paddingBits > 0) paddingBits = 0;
  while (position + 1 < end && load<u8>(position) == 0xff && load<u8>(position + 1) == 0xff) position++;
  if (position + 1 >= end) {
    status = CUT_OFF;
    return;
  }
  if (load<u8>(position) != 0xff || (load<u8>(position + 1) & 0xf8) != 0xd0) {
    status = load<u8>(position) == 0xff && load<u8>(position + 1) == 0xd9 ? CUT_OFF : DAMAGED;
    return;
  }
  position += 2;
  memory.fill(READ_DC, 0, 16);
}

function refill(): void {
  while (bitCount <= 48) {
    let byte: u64 = 0;
    if (position < end) {
      byte = load<u8>(position);
      if (byte != 0xff) {
        position++;
      } else if (position + 1 < end && load<u8>(position + 1) == 0) {
        position += 2;
      } else {
        byte = 0;
        paddingBits += 8;
      }
    } else {
      paddingBits += 8;
    }
    bits = (bits << 8) | byte;
    bitCount += 8;
  }
}

function take(count: i32): i32 {
  if (bitCount < count) refill();
  bitCount -= count;
  return <i32>((bits >> bitCount) & ((1 << count) - 1));
}

/** The next symbol of a table; -1 where no code fits. Its bits are copied unless it is a DC. */
function symbolOf(slot: i32): i32 {
  if (bitCount < 16) refill();
  const table = slot * TABLE_BYTES;
  const ahead = <i32>((bits >> (bitCount - 16)) & 0xffff);
  const fast: i32 = load<u16>(table + (ahead >> (16 - FAST_BITS)) * 2);
  if (fast != 0) {
    bitCount -= fast >> 8;
    if (isCopying && slot >= 4) write(ahead >> (16 - (fast >> 8)), fast >> 8);
    return fast & 255;
  }
  for (let length: i32 = FAST_BITS + 1; length <= 16; length++) {
    const code = ahead >> (16 - length);
    if (code > load<i32>(table + MAX_CODE + length * 4)) continue;
    bitCount -= length;
    if (isCopying && slot >= 4) write(code, length);
    return load<u8>(table + SYMBOLS + ((code + load<i32>(table + VALUE_OFFSET + length * 4)) & 255));
  }
  return -1;
}

function readMcu(): void {
  for (let block: i32 = 0; block < blockCount; block++) {
    const component: i32 = load<u8>(BLOCKS + block * 3);
    const category = symbolOf(load<u8>(BLOCKS + block * 3 + 1));
    if (category < 0 || category > 11) return stop();
    let difference: i32 = 0;
    if (category > 0) {
      difference = take(category);
      if (difference < 1 << (category - 1)) difference -= (1 << category) - 1;
    }
    const dc = load<i32>(READ_DC + component * 4) + difference;
    store<i32>(READ_DC + component * 4, dc);
    if (isCopying) writeDc(component, dc);
    const slot: i32 = 4 + <i32>load<u8>(BLOCKS + block * 3 + 2);
    for (let k: i32 = 1; k < 64; k++) {
      const symbol = symbolOf(slot);
      if (symbol < 0) return stop();
      const size = symbol & 15;
      if (size == 0) {
        if (symbol != 0xf0) break;
        k += 15;
        continue;
      }
      k += symbol >> 4;
      const value = take(size);
      if (isCopying) write(value, size);
    }
  }
  if (bitCount < paddingBits) status = CUT_OFF;
}

function stop(): void {
  status = paddingBits > 0 ? CUT_OFF : DAMAGED;
}

/** States a DC by the difference to the one written before: category in four bits, then its value. */
function writeDc(component: i32, dc: i32): void {
  const difference = dc - load<i32>(WRITTEN_DC + component * 4);
  store<i32>(WRITTEN_DC + component * 4, dc);
  const size = difference < 0 ? -difference : difference;
  const category = size == 0 ? 0 : 32 - <i32>clz<i32>(size);
  write(category, 4);
  if (category > 0) write(difference > 0 ? difference : difference + (1 << category) - 1, category);
}

function write(value: i32, count: i32): void {
  outBits = (outBits << count) | <u64>value;
  outCount += count;
  while (outCount >= 8) {
    outCount -= 8;
    const byte = <u8>(outBits >> outCount);
    store<u8>(out++, byte);
    if (byte == 0xff) store<u8>(out++, 0);
  }
}
