/** Files whose pixels are not those of libvips, libtiff or OpenJPEG, and why ours are right. A file that agrees is taken out. */
export const EXCEPTIONS: Readonly<Record<string, string>> = {
  'openjpeg.4241ac039aba57e6a9c948d519d94216_asan_heap-oob_14650f2_7469_602.jp2':
    'made by a fuzzer: its header contradicts its packets (docs/decisions.md), so that no picture of it is right',
  'openjpeg.a6_mono_colr.j2c':
    'its finest component has every 11th column and 5th row of the grid: that is our size, OpenJPEG fills the grid',
  'tiff.minisblack-2c-8b-alpha.tiff':
    'gray in separate planes with associated alpha: the others show gray that is still multiplied by it',
  'tm.incorrect-compression-rle-as-g3.tif':
    'runs that begin at bytes under the number of Group 3: libtiff finds no row and shows white, libvips nothing',
};
