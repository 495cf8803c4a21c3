#!/bin/sh
# spawn-fcgi opens a TCP socket and starts iipsrv on it, in the background. One process uses all cores; PROCESSES starts
# more of them, each with caches of its own.
export FILESYSTEM_PREFIX="${FILESYSTEM_PREFIX:-/srv/images/}"
export URI_MAP="${URI_MAP:-iiif=>IIIF,deepzoom=>DeepZoom,zoomify=>Zoomify}"
export LOGFILE="${LOGFILE:-/var/log/iipsrv.log}"
exec spawn-fcgi -a "${ADDRESS:-127.0.0.1}" -p "${PORT:-9000}" -F "${PROCESSES:-1}" -P "${PIDFILE:-/run/iipsrv.pid}" -- "${IIPSRV:-/usr/local/bin/iipsrv}"
