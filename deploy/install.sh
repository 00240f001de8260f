#!/bin/sh
# Installs m2s2l from its tarball into a folder of its own: sh install.sh FOLDER TARBALL
# The image and a bare machine run this same script. It needs Node.js and the npm registry.
set -eu
folder=$1
tarball=$2
mkdir -p "$folder"
npm install --prefix "$folder" --omit=dev --no-audit --no-fund --loglevel=error "$tarball"
"$folder/node_modules/.bin/m2s2l" --version
