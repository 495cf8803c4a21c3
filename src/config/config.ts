/** The settings of a server as the rest of the house reads them: parsed once, frozen, in units that names tell. */
import type { TiffCompression } from '../encode/encoder.ts';

export type ProtocolName = 'IIP' | 'IIIF' | 'DeepZoom' | 'Zoomify';

/** `prefix` is compared with the start of REQUEST_URI after its leading slash; empty maps everything. */
export interface UriMapping {
  readonly prefix: string;
  readonly protocol: ProtocolName;
}

export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/** Where the images lie whose names begin with `prefix` and a slash; an empty prefix takes every name. */
export interface SourceMapping {
  readonly prefix: string;
  readonly base: SourceBase;
}

/** Paths are percent-encoded, begin and end with a slash. */
export type SourceBase =
  | { readonly kind: 'http'; readonly origin: string; readonly path: string }
  | { readonly kind: 's3'; readonly bucket: string; readonly path: string };

/** How the address of a bucket is made: `auto` is the path at an AWS_ENDPOINT_URL and the host name at Amazon. */
export type S3Addressing = 'auto' | 'path' | 'virtual';

/** How many quality layers of a JPEG 2000 image are decoded when a request does not say. */
export type LayerLimit =
  | { readonly kind: 'half' }
  | { readonly kind: 'all' }
  | { readonly kind: 'at-most'; readonly layers: number };

/** Where log lines go. */
export type LogTarget =
  | { readonly kind: 'stderr' }
  | { readonly kind: 'syslog' }
  | { readonly kind: 'file'; readonly path: string };

export interface Config {
  /** 0 silent, 1 start, stop, requests and faults, 2 debug, 3 and more trace. */
  readonly verbosity: number;
  readonly logTarget: LogTarget;
  /** 0 turns the tile cache off. */
  readonly imageCacheBytes: number;
  /** Images; `Infinity` without limit, 0 off. */
  readonly metadataCacheEntries: number;
  readonly filenamePattern: string;
  readonly jpegQuality: number;
  readonly pngLevel: number;
  readonly webpQuality: number | 'lossless';
  readonly avifQuality: number | 'lossless';
  readonly avifCodec: 'auto' | 'aom' | 'rav1e' | 'svt';
  readonly tiffCompression: TiffCompression;
  readonly tiffQuality: number;
  /** Longest side of an exported picture in pixels; `Infinity` without limit. */
  readonly maxOutputSide: number;
  readonly maxLayers: LayerLimit;
  readonly filesystemPrefix: string;
  readonly filesystemSuffix: string;
  readonly sourceMap: readonly SourceMapping[];
  /** Memory for blocks of remote images, in each thread. */
  readonly sourceCacheBytes: number;
  /** How long a remote image is taken to be unchanged without asking. */
  readonly sourceRevalidateSeconds: number;
  /** How long a storage server may be silent. */
  readonly sourceTimeoutSeconds: number;
  readonly s3Addressing: S3Addressing;
  /** Empty: the service of Amazon. */
  readonly s3EndpointUrl: string;
  readonly awsRegion: string;
  /** Empty: requests are not signed. */
  readonly awsAccessKeyId: string;
  readonly awsSecretAccessKey: string;
  /** Empty: none. */
  readonly awsSessionToken: string;
  /** Whose keys sign requests to S3: those of the environment, or of the role that a container or machine has. */
  readonly s3Credentials: 'environment' | 'container' | 'instance';
  /** Where a container's keys are; one of them is empty. */
  readonly awsContainerUri: string;
  readonly awsContainerRelativeUri: string;
  /** What is sent there as Authorization; empty: nothing. The file is read each time. */
  readonly awsContainerToken: string;
  readonly awsContainerTokenFile: string;
  /** Empty: that of Amazon's machines. */
  readonly awsMetadataUrl: string;
  /** Empty: none. */
  readonly watermark: string;
  readonly watermarkProbability: number;
  readonly watermarkOpacity: number;
  /** `add` as iipsrv does; `over` shows on bright areas too. */
  readonly watermarkBlend: 'add' | 'over';
  readonly memcachedServers: readonly ServerAddress[];
  readonly memcachedTimeoutSeconds: number;
  /** SASL PLAIN; empty: none. */
  readonly memcachedUsername: string;
  readonly memcachedPassword: string;
  readonly interpolation: 'nearest' | 'bilinear' | 'cubic' | 'lanczos';
  /** Value of Access-Control-Allow-Origin; empty: off. */
  readonly cors: string;
  readonly baseUrl: string;
  readonly cacheControl: string;
  /** Answers say which image they are of. */
  readonly cacheTags: boolean;
  /** Answers say what took how long. */
  readonly serverTiming: boolean;
  readonly allowUpscaling: boolean;
  readonly uriMap: readonly UriMapping[];
  /** Profiles smaller than this are embedded; `Infinity` all, 0 none. */
  readonly maxIccBytes: number;
  readonly jp2ReadMode: 'fast' | 'fussy' | 'resilient';
  readonly jp2Decoder: 'auto' | 'builtin' | 'native';
  readonly codecPassthrough: boolean;
  readonly iiifVersion: 1 | 2 | 3;
  /** Empty: off. */
  readonly iiifDelimiter: string;
  /** Members that are added to every info.json. */
  readonly iiifExtraInfo: Readonly<Record<string, unknown>>;
  readonly iiifExtensions: boolean;
  /** Rights statement of images that have none; empty: none. */
  readonly copyright: string;
  /** Memory that one picture may take while it is made; more is refused. */
  readonly maxRequestBytes: number;
  /** Memory that all pictures which are made at a time may take together. */
  readonly maxMemoryBytes: number;
  /** Memory that is not needed is given back at once, at the cost of time. */
  readonly sparesMemory: boolean;
  /** How long a request may take; `Infinity` without limit. */
  readonly requestTimeoutSeconds: number;
  /** Requests that are answered at a time, by all threads together. */
  readonly maxConcurrent: number;
  /** Pictures that may wait for a rendering thread. */
  readonly maxQueue: number;
  /** Whether pictures are turned as their files ask (TIFF tag 274, EXIF). */
  readonly appliesOrientation: boolean;
  /** Descriptors of pictures that all threads together keep open; at least 1. */
  readonly openFiles: number;
  /** Memory for decoded levels of pictures without tiles, shared by all threads. */
  readonly levelCacheBytes: number;
  /** Where pyramids of flat pictures are kept; empty: none are made. */
  readonly pyramidCacheDirectory: string;
  /** Bytes of all of them. */
  readonly pyramidCacheBytes: number;
  /** What becomes of a profile that is not sRGB: it is embedded, or the picture is converted and it is dropped. */
  readonly colorManagement: 'embed' | 'srgb';
  /** Threads for decoding, processing and encoding; at least 1. */
  readonly threads: number;
}
