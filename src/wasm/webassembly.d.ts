/** The part of the WebAssembly JavaScript API that is used here; TypeScript has it only among the browser's types. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module, imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>);
    readonly exports: unknown;
  }
  /** Pages have 65,536 bytes. */
  class Memory {
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
}
