/** Where a process takes requests. */
import type { TcpAddress } from './config/address.ts';
import type { Listening } from './config/command-line.ts';
import { SHARED_DESCRIPTORS, type ListenAddress } from './server/listen.ts';

export interface Doors {
  readonly fastcgi?: ListenAddress;
  readonly http?: ListenAddress;
  readonly admin?: TcpAddress;
  readonly backlog: number;
  /** The page that HTTP serves lists the images. */
  readonly gallery: boolean;
}

/** FastCGI on `bind`, or on descriptor 0 when neither `bind` nor `http` is given; HTTP on `http`. */
export function doorsOf({ bind, http, admin, backlog, gallery }: Listening): Doors {
  const inherited = { kind: 'descriptor', fd: SHARED_DESCRIPTORS.fastcgi } as const;
  const fastcgi = bind ?? (http === undefined ? inherited : undefined);
  return {
    ...(fastcgi === undefined ? {} : { fastcgi }),
    ...(http === undefined ? {} : { http }),
    ...(admin === undefined ? {} : { admin }),
    backlog,
    gallery: gallery === true,
  };
}
