#!/bin/sh
# spawn-fcgi opens a UNIX socket and starts iipsrv on it, in the background. MODE says who may connect;
# PROCESSES is as in iipsrv-tcp.sh.
export FILESYSTEM_PREFIX="${FILESYSTEM_PREFIX:-/srv/images/}"
export URI_MAP="${URI_MAP:-iiif=>IIIF,deepzoom=>DeepZoom,zoomify=>Zoomify}"
export LOGFILE="${LOGFILE:-/var/log/iipsrv.log}"
exec spawn-fcgi -s "${SOCKET:-/run/iipsrv.sock}" -M "${MODE:-0660}" -F "${PROCESSES:-1}" -P "${PIDFILE:-/run/iipsrv.pid}" -- "${IIPSRV:-/usr/local/bin/iipsrv}"
