#!/bin/sh
# Run as root. Has snapd, where there is one, refresh nothing by itself; tells when that was not so before.
set -eu

command -v snap >/dev/null || exit 0
# One that is switched off refreshes nothing.
systemctl --quiet is-active snapd.socket snapd.service || exit 0
# Earlier snapd refuses.
snap wait system seed.loaded
if [ "$(snap get system refresh.hold 2>/dev/null)" != forever ]; then
  snap refresh --hold
  echo held
fi
