#!/bin/sh
# Installs m2s2l as a service of systemd, or upgrades it: sudo sh install-service.sh TARBALL
# With DESTDIR=FOLDER every file goes below that folder, and users and systemd are left alone: for images and trials.
set -eu
tarball=$1
here=$(dirname "$0")
root=${DESTDIR:-}

sh "$here/install.sh" "$root/opt/m2s2l" "$tarball"
install -D -m 644 "$here/m2s2l.service" "$root/etc/systemd/system/m2s2l.service"
if [ ! -e "$root/etc/m2s2l/environment" ]; then
  # Options of serve, one a line: M2S2L_CONFIG=/etc/m2s2l/m2s2l.json
  install -D -m 600 /dev/null "$root/etc/m2s2l/environment"
fi
if [ -n "$root" ]; then exit 0; fi

if ! id m2s2l >/dev/null 2>&1; then
  useradd --system --home-dir /var/lib/m2s2l --shell /usr/sbin/nologin m2s2l
fi
if [ ! -x /usr/bin/node ]; then
  echo "/usr/bin/node is not there: name your Node.js in ExecStart (systemctl edit --full m2s2l)" >&2
fi
if [ ! -d /run/systemd/system ]; then
  echo "systemd does not run here: start the service by  systemctl enable --now m2s2l  where it does" >&2
  exit 0
fi
systemctl daemon-reload
systemctl enable m2s2l
systemctl restart m2s2l
