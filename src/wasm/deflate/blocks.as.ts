/** A zlib stream in blocks, each stored or with codes of its own, whichever is shorter (RFC 1950; RFC 1951, section 3.2). */
import { adler32 } from './adler.as';
import { fillByte, putBits, putBytes, putTokens, startBits } from './bits.as';
import { makeCodes } from './codes.as';
import { headerBits, listLengths, putHeader } from './header.as';
import { extraBits, firstOf, listRuns, SYMBOL_OF_RUN } from './runs.as';
import { findRuns } from './tokens.as';

/** Bytes of the longest stored block, and of a block with codes. */
const STORED: i32 = 65535;
const BLOCK: i32 = 4 * STORED;

const END_OF_BLOCK = 256;
const SYMBOLS = 286;
const MOST_BITS = 15;

/** Room for a token of each byte, and one without bits. */
const TOKENS: usize = memory.data(2 * (4 * 65535 + 4), 8);
const FREQUENCIES: usize = memory.data(4 * 288, 4);
const LENGTHS: usize = memory.data(288 + 8, 4);
const CODES: usize = memory.data(2 * 288, 2);
/** Of tokens 0 to 514, and of the one without bits. */
const TOKEN_CODES: usize = memory.data(8 * 516, 8);
const NO_TOKEN: u16 = 515;

/** Bytes of the longest stream that `length` bytes come to, and what is written over behind it. */
export function bound(length: i32): i32 {
  return length + 5 * (length / STORED + 1) + 6 + 16;
}

/** @returns the bytes of the stream. */
export function deflateRuns(from: usize, length: i32, to: usize): i32 {
  listRuns();
  startBits(to);
  // A window of 32 KB, the quickest way.
  putBits(0x0178, 16);
  let left = length;
  let p = from;
  do {
    const size = min(left, BLOCK);
    left -= size;
    putBlock(p, size, left == 0);
    p += <usize>size;
  } while (left > 0);
  fillByte();
  putBits(bswap<u32>(adler32(from, length)), 32);
  return <i32>(fillByte() - to);
}

function putBlock(from: usize, size: i32, isLast: bool): void {
  memory.fill(FREQUENCIES, 0, 4 * 288);
  store<u32>(FREQUENCIES + (END_OF_BLOCK << 2), 1);
  const count = findRuns(from, size, TOKENS, FREQUENCIES);
  store<u16>(TOKENS + ((<usize>count) << 1), NO_TOKEN);
  makeCodes(FREQUENCIES, SYMBOLS, MOST_BITS, LENGTHS, CODES);
  listLengths(LENGTHS, SYMBOLS);
  if (headerBits() + bodyBits() >= size * 8) {
    putStored(from, size, isLast);
    return;
  }
  putBits(isLast ? 5 : 4, 3);
  putHeader();
  listTokenCodes();
  putTokens(TOKENS, count, TOKEN_CODES);
  putBits(codeOf(END_OF_BLOCK), lengthOf(END_OF_BLOCK));
}

function putStored(from: usize, size: i32, isLast: bool): void {
  let left = size;
  do {
    const part = min(left, STORED);
    left -= part;
    putBits(isLast && left == 0 ? 1 : 0, 3);
    fillByte();
    putBits(<u32>part | (~(<u32>part) << 16), 32);
    putBytes(from + <usize>(size - left - part), part);
  } while (left > 0);
}

function bodyBits(): i32 {
  let bits: i32 = 0;
  for (let symbol = 0; symbol < SYMBOLS; symbol++) {
    // A run has one bit that says how far back, and those of its length.
    const more = symbol > END_OF_BLOCK ? 1 + extraBits(symbol) : 0;
    bits += <i32>load<u32>(FREQUENCIES + ((<usize>symbol) << 2)) * (<i32>lengthOf(symbol) + more);
  }
  return bits;
}

function listTokenCodes(): void {
  for (let byte = 0; byte < 256; byte++) setTokenCode(byte, codeOf(byte), lengthOf(byte));
  for (let run = 3; run <= 258; run++) {
    const symbol = <i32>load<u16>(SYMBOL_OF_RUN + ((<usize>run) << 1));
    const length = lengthOf(symbol);
    // The extra bits; then distance 1, whose code is a 0.
    const extra = <u32>(run - firstOf(symbol)) << length;
    setTokenCode(256 + run, codeOf(symbol) | extra, length + <u32>extraBits(symbol) + 1);
  }
  setTokenCode(NO_TOKEN, 0, 0);
}

function setTokenCode(token: i32, bits: u32, length: u32): void {
  store<u64>(TOKEN_CODES + ((<usize>token) << 3), ((<u64>length) << 32) | <u64>bits);
}

function codeOf(symbol: i32): u32 {
  return <u32>load<u16>(CODES + ((<usize>symbol) << 1));
}

function lengthOf(symbol: i32): u32 {
  return <u32>load<u8>(LENGTHS + <usize>symbol);
}
