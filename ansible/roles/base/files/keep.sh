#!/bin/sh
# Run as root before an image is taken of a builder that runs on: caches would only make it larger.
set -eu

if [ -x /usr/bin/apt-get ]; then
  apt-get clean
  rm -rf /var/lib/apt/lists/*
else
  dnf --quiet clean all
fi
sync
