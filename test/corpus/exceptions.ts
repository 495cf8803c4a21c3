/** Files whose pixels are not those of libvips, libtiff or OpenJPEG, and why ours are right. A file that agrees is taken out. */
export const EXCEPTIONS: Readonly<Record<string, string>> = {
  'tiff.minisblack-2c-8b-alpha.tiff':
    'gray in separate planes with associated alpha: the others show gray that is still multiplied by it',
  'tm.incorrect-compression-rle-as-g3.tif':
    'runs that begin at bytes under the number of Group 3: libtiff finds no row and shows white, libvips nothing',
};
