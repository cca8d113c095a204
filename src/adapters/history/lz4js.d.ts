/** The part of lz4js that is used; the package has no types. */
declare module 'lz4js' {
  const lz4: {
    decompressBound(frame: Uint8Array): number;
    decompress(frame: Uint8Array, maxSize: number): Uint8Array;
  };
  export default lz4;
}
