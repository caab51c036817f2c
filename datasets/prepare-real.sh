#!/usr/bin/env bash
# Makes datasets of real photographs from the archives in the folder $2, each only if it is missing; $1 is the bulkhead
# program. One line names each archive that is missing.
set -euo pipefail
bulkhead=$(realpath "$1")
source=$(realpath -m "${2:-.}")
cd "$(dirname "$0")"
mkdir -p raw

# prepare_from ARCHIVE FOLDER NAME ARGUMENTS… makes NAME.h5 from the folder that the archive in $source unpacks to.
prepare_from() {
  local archive=$1 folder=$2 name=$3 log
  shift 3
  [ ! -e "$name.h5" ] || return 0
  if [ ! -e "$source/$archive" ]; then
    echo "datasets/$name.h5: not made, as $archive is not in $source"
    return 0
  fi
  # Unpacked under another name first, so that an interruption leaves no half of it.
  if [ ! -d "raw/$folder" ]; then
    rm -rf raw/.unpacked
    mkdir raw/.unpacked
    tar -xf "$source/$archive" -C raw/.unpacked
    mv "raw/.unpacked/${folder%%/*}" "raw/${folder%%/*}"
    rmdir raw/.unpacked
  fi
  if log=$("$bulkhead" prepare "$@" --output "$name.h5" --name "$name" 2>&1); then
    echo "datasets/$name.h5: made"
  else
    echo "$log" >&2
    return 1
  fi
}

# prepare NAME ARCHIVE FOLDER ARGUMENTS… of a folder of images per class.
prepare() {
  local name=$1 archive=$2 folder=$3
  shift 3
  prepare_from "$archive" "$folder" "$name" folder "raw/$folder" "$@"
}

# The signs at the size of the CIFAR network's images; three of them are much larger than the others.
prepare sign-language-digits sign-language-digits.tar.gz sign-language-digits --shorter 32 --channels 3 \
  --test 40 --validation 40 --source 'Sign Language Digits Dataset (Mavi, arXiv:2011.08927)' --license Apache-2.0
# The test pictures of this archive are given; names of classes and their order are CIFAR-10's.
prepare cifar-10 cifar10-6k.tar cifar10-6k --channels 3 --validation 50 --keep-duplicates \
  --source 'CIFAR-10 (Krizhevsky 2009), 600 images a class as JPEG' --license 'not stated'
# Pictures of their own sizes, some of them gray.
prepare caltech101-20 caltech101-20.tar caltech101-20 --channels 3 --train 20 --validation 10 --test 10 \
  --source 'Caltech 101 (Fei-Fei, Fergus, Perona 2004), 60 images of 20 classes' \
  --license 'CC BY 4.0 as public copies state; the rights in each picture are unknown'

# Those of docs/studies/vgg16.yaml: of every set a source and a target that share no picture.
signs=(sign-language-digits.tar.gz sign-language-digits --shorter 100 --channels 3
  --source 'Sign Language Digits Dataset (Mavi, arXiv:2011.08927)' --license Apache-2.0)
cifar=(cifar10-6k.tar cifar10-6k/train --channels 3
  --source 'CIFAR-10 (Krizhevsky 2009), 500 images a class as JPEG' --license 'not stated')
caltech=(caltech101-20.tar caltech101-20 --channels 3
  --source 'Caltech 101 (Fei-Fei, Fergus, Perona 2004), 60 images of 20 classes'
  --license 'CC BY 4.0 as public copies state; the rights in each picture are unknown')
for set in signs cifar; do
  declare -n arguments=$set
  prepare $set-target "${arguments[@]}" --train 10 --validation 0 --test 60
  prepare $set-source "${arguments[@]}" --omit 70 --train 60 --validation 10 --test 30
done
prepare caltech-target "${caltech[@]}" --train 10 --validation 0 --test 15
prepare caltech-source "${caltech[@]}" --omit 25 --train 25 --validation 4 --test 6

# Those of docs/studies/photographs.yaml and photographs-full.yaml: 20 training images per class everywhere, so that no source
# has an advantage by its size; the smallest sets, of 60 images per class, leave 12 of them to test a target on and 8 for a
# source to validate and test. Scenes are gray, so Caltech's images come a second time in gray: what differs between the two is
# color alone.
textures=(textures-10.tar textures-10 --channels 3
  --source 'DTD (Cimpoi and others 2014), 60 images of 10 classes, scaled to a shorter side of 256' --license 'not stated')
scenes=(scenes-15.tar scenes-15/train --channels 1
  --source '15 Scenes (Lazebnik, Schmid, Ponce 2006), 60 images per class'
  --license 'the rights in each picture are unknown')
gray=("${caltech[@]}")
gray[3]=1
for set in caltech gray scenes textures signs cifar; do
  declare -n arguments=$set
  prepare photos-$set-target "${arguments[@]}" --train 20 --validation 0 --test 12
  prepare photos-$set-source "${arguments[@]}" --omit 32 --train 20 --validation 3 --test 5
done

# Those of docs/studies/raccoons-backbone.yaml: the boxes of one class, split by the seed.
prepare_from raccoons.tar raccoons raccoons voc raw/raccoons/annotations --images raw/raccoons/images \
  --source 'Raccoon Detector Dataset (Tran), 200 images' --license MIT
