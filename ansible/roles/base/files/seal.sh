#!/bin/sh
# Run as root at the very end of a bake. Each machine that starts from the image makes its own identity,
# and finds neither keys nor logs nor caches of the builder.
set -eu

if command -v selinuxenabled >/dev/null && selinuxenabled; then
  restorecon -R /opt/app /etc/multivac /etc/systemd/system
fi
if [ -x /usr/bin/cloud-init ]; then
  # Done, be it with a complaint: it must not write on after this.
  cloud-init status --wait >/dev/null || true
  cloud-init clean --logs --seed
fi
if [ -x /usr/bin/apt-get ]; then
  apt-get clean
  rm -rf /var/lib/apt/lists/*
else
  dnf --quiet clean all
fi
rm -f /etc/ssh/ssh_host_*_key /etc/ssh/ssh_host_*_key.pub
rm -f /var/lib/systemd/random-seed
# Empty, not absent: systemd takes an absent one for the first boot of a system nobody has set up.
: >/etc/machine-id
rm -f /var/lib/dbus/machine-id

login_home=$(getent passwd "${SUDO_USER:-root}" | cut -d: -f6)
for home in /root "$login_home"; do
  rm -rf "$home/.ansible" "$home/.ssh/authorized_keys" "$home/.cache" "$home/.bash_history"
done
rm -rf /var/log/journal/*
