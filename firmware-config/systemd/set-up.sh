#!/bin/sh
# After the files are in place: the service's own user, and what to do next. `make install` runs it, and it is the
# Debian package's postinst. Safe to repeat.
set -e

case ${1:-configure} in
configure) ;;
*) exit 0 ;;
esac

if ! getent passwd herald >/dev/null; then
    if command -v adduser >/dev/null 2>&1; then
        adduser --quiet --system --group --home /var/lib/herald --no-create-home herald
    else
        useradd --system --user-group --home-dir /var/lib/herald --no-create-home --shell /usr/sbin/nologin herald
    fi
fi
install -d -m 700 -o herald -g herald /var/lib/herald /var/lib/herald/models

if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
fi

cat <<'NEXT'
Herald is installed. Next:
  1. choose profile and board in /etc/herald/config.toml
  2. sudo runuser -u herald -- herald models fetch --data-dir /var/lib/herald --models-dir /var/lib/herald/models
  3. sudo runuser -u herald -- herald contacts import FILE.vcf --data-dir /var/lib/herald
  4. sudo systemctl enable --now herald
NEXT
