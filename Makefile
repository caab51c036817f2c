# run        fetch the data, build, and run the default study; finished runs are not repeated
# test       build everything and run all tests, in release mode, then test-install, test-examples, and test-peers and test-mpi with
#            QUICK=1
# test-peers compare weights, predictions, operators and event files with Keras, torch, safetensors, onnx and TensorBoard, in
#            .venv-peers (QUICK=1: no VGG16), and look at pages in Chromium (installs it)
# test-mpi   runs over MPI on this machine (installs openmpi-bin), killed and continued, against one process (QUICK=1, KILLS=n)
# test-cluster  test-mpi, then a study as job arrays of a real Slurm, started on this machine (installs slurm-wlm and munge), against
#            a local run
# soak       hundreds of runs that are killed, stopped or out of disk space, then long ones (QUICK=1: within 5 minutes)
# check      imports against the manifest's dependencies, cycles of targets and folders, file sizes, doc comments, and the
#            format; changes nothing
# format     bring every Swift file into the committed format
# simulate   the rule for the verdict on simulated studies with a known truth (STUDIES=n per truth)
# bench      speed and memory beside other libraries and the machine's limits (QUICK=1, SCALING=1, THREADS=n, ONLY=works)
#            photographs for it are taken from the archives in DATA=folder
# sanitize   the tests under the thread and the address sanitizer, each in its own scratch path
# fuzz       generated inputs for every reader of untrusted files, under the address sanitizer (RUNS=n, ONLY=targets, COVERAGE=1)
# deps       the Debian packages that are missing, and only those
# data       the real data of the default study, only what is missing
# pretrained published networks into checkpoints/, only what is missing; their rights are unclear (see the README there)
# prepare-domains  datasets of docs/studies/domains.yaml, only what is missing
# prepare-real  datasets of real photographs from the archives in DATA=folder, only what is missing
# photographs   the studies of photographs: data, plans with estimates, runs (hours; stopped ones go on)
# build      the bulkhead executable alone
# docs       the library's documentation as a website in .build-docs/site; a warning is an error
# install    the release build of bulkhead, its man page and completions for bash, zsh and fish, under PREFIX (/usr/local;
#            DESTDIR=folder for packagers)
# test-install  install into a temporary folder and use the result
# test-examples  build docs/examples, a package that uses the library, run its tutorial, and compare the articles' code with it
# clean      remove everything built (data and checkpoints stay)

.PHONY: run test test-peers test-mpi test-cluster soak check format simulate bench sanitize fuzz deps data pretrained prepare-domains prepare-real photographs build \
  docs install test-install test-examples clean toolchain
.DEFAULT_GOAL := test

PACKAGES := libhdf5-dev libdnnl-dev libturbojpeg0-dev libpng-dev libtiff-dev libwebp-dev zlib1g-dev libdeflate-dev pkg-config curl
SWIFT_FILES := Package.swift Sources Tests docs/examples
BULKHEAD := .build/release/bulkhead
STUDY := docs/studies/first-look.yaml
STUDIES := 1000
THREADS := $(shell nproc)
PREFIX := /usr/local
DATA := ../shared/datasets

run: data build
	@datasets/prepare.sh $(BULKHEAD)
	@$(BULKHEAD) study run $(STUDY)

test: deps
	swift build -c release --build-tests
	swift test -c release --skip-build
	@Tests/test-install
	@Tests/test-examples
	@Tests/Peers/test-peers --quick
	@Tests/Cluster/test-mpi $(BULKHEAD) --quick

test-peers: build
	@Tests/Peers/test-peers $(if $(filter-out 0,$(QUICK)),--quick)

test-mpi: build
	@Tests/Cluster/test-mpi $(BULKHEAD) $(if $(filter-out 0,$(QUICK)),--quick) $(if $(KILLS),--kills $(KILLS))

test-cluster: test-mpi
	@Tests/Cluster/test-cluster $(BULKHEAD)

# Only this build has the crash points.
soak: deps
	swift build -c release --traits CrashPoints --scratch-path .build-soak --product bulkhead
	python3 Tests/Soak/soak.py .build-soak/release/bulkhead $(if $(filter-out 0,$(QUICK)),--quick)
	@.ci/install-packages strace
	python3 Tests/Soak/power_loss.py .build-soak/release/bulkhead $(if $(filter-out 0,$(QUICK)),--quick)
	python3 Tests/Soak/endurance.py .build-soak/release/bulkhead $(if $(filter-out 0,$(QUICK)),--quick)
	swift build -c release --build-tests
	BULKHEAD_CYCLES=$(if $(filter-out 0,$(QUICK)),100,1000) \
	  swift test -c release --skip-build --filter cyclesLeaveNothingBehind

check: toolchain
	python3 Tests/check-imports.py
	python3 Tests/test-checks.py
	python3 Tests/check-structure.py
	@Tests/test-examples --text
	swift format lint --strict --recursive --parallel $(SWIFT_FILES)

format: toolchain
	swift format --in-place --recursive --parallel $(SWIFT_FILES)

simulate: build
	@$(BULKHEAD) study simulate --studies $(STUDIES)

bench: build
	swift build -c release --product bulkhead-bench
	@Tests/Peers/bench/install
	@DATA="$(DATA)" python3 Tests/Peers/bench/bench.py --threads $(THREADS) $(if $(filter-out 0,$(QUICK)),--quick) \
	  $(if $(filter-out 0,$(SCALING)),--scaling) $(if $(ONLY),--only $(ONLY))
	$(if $(filter-out 0,$(QUICK) $(SCALING) $(ONLY)),,@.ci/install-packages valgrind && python3 Tests/Peers/bench/instructions.py)

# OpenMP and its runtime are not instrumented, so they are kept to one thread; leaks of the Swift runtime's own
# caches are not ours to report. The tests under a limit of memory leave no room for a sanitizer's own. A damaged file that crashes
# libhdf5 must end its process: the thread sanitizer's own handler of such signals can wait for itself forever.
LIMITED := --skip 'aSourceLargerThanTheMemoryAllowedIsPrepared|aDatasetOfTenTimesTheMemoryAllowedTrains'
sanitize: deps
	swift build -c release --build-tests --sanitize thread --scratch-path .build-thread
	OMP_NUM_THREADS=1 TSAN_OPTIONS=handle_segv=0:handle_sigbus=0:handle_abort=0:handle_sigill=0:handle_sigfpe=0 \
	  swift test -c release --skip-build --sanitize thread --scratch-path .build-thread $(LIMITED)
	swift build -c release --build-tests --sanitize address --scratch-path .build-address
	OMP_NUM_THREADS=1 ASAN_OPTIONS=detect_leaks=0 \
	  swift test -c release --skip-build --sanitize address --scratch-path .build-address $(LIMITED)

# SwiftPM hands one sanitizer on at a time, and the last one wins; both are asked for by name.
fuzz: build
	SWIFT_BACKTRACE=enable=no swift build -c release --product Fuzz --traits Fuzzing --sanitize address --sanitize fuzzer \
	  -Xswiftc -sanitize=address,fuzzer --disable-dead-strip --scratch-path .build-fuzz
	$(if $(filter-out 0,$(COVERAGE)),swift build -c release --product Fuzz --enable-code-coverage \
	  --scratch-path .build-fuzz-coverage)
	Tests/Fuzz/run-fuzz --runs $(or $(RUNS),20000) --program $(BULKHEAD) $(ONLY)

build: deps
	swift build -c release --product bulkhead

# A scratch path of its own, as the plugin is among the dependencies of this build alone (see Package.swift).
docs: deps
	BULKHEAD_DOCS=1 swift package --scratch-path .build-docs --allow-writing-to-directory .build-docs/site \
	  generate-documentation --target Bulkhead --warnings-as-errors --output-path .build-docs/site

MANUAL := .build/plugins/GenerateManual/outputs/BulkheadCommand/bulkhead.1
COMPLETIONS := .build/completions
SHARE := $(DESTDIR)$(PREFIX)/share
install: build
	swift package plugin generate-manual
	@mkdir -p $(COMPLETIONS)
	@for shell in bash zsh fish; do \
	  $(BULKHEAD) --generate-completion-script $$shell > $(COMPLETIONS)/$$shell || exit 1; \
	done
	install -D -m 755 $(BULKHEAD) '$(DESTDIR)$(PREFIX)/bin/bulkhead'
	install -D -m 644 $(MANUAL) '$(SHARE)/man/man1/bulkhead.1'
	install -D -m 644 $(COMPLETIONS)/bash '$(SHARE)/bash-completion/completions/bulkhead'
	install -D -m 644 $(COMPLETIONS)/zsh '$(SHARE)/zsh/site-functions/_bulkhead'
	install -D -m 644 $(COMPLETIONS)/fish '$(SHARE)/fish/vendor_completions.d/bulkhead.fish'

test-install: build
	@Tests/test-install

test-examples: build
	@Tests/test-examples

data:
	@datasets/fetch.sh

pretrained: build
	@checkpoints/fetch-pretrained.sh $(BULKHEAD)

prepare-domains: data build
	@datasets/prepare.sh $(BULKHEAD) domains

prepare-real: build
	@datasets/prepare-real.sh $(BULKHEAD) '$(DATA)'

PHOTOGRAPHS := $(patsubst %,docs/studies/photographs%.yaml,-squeezenet -full) docs/studies/photographs.yaml
photographs: pretrained prepare-real
	@for study in $(PHOTOGRAPHS); do echo "$$study"; $(BULKHEAD) study plan $$study || exit 1; done
	@for study in $(PHOTOGRAPHS); do $(BULKHEAD) study run $$study || exit 1; done

deps: toolchain
	@.ci/install-packages $(PACKAGES)

toolchain:
	@command -v swift > /dev/null || { echo "missing: swift 6.2 or later (swift.org/install)" >&2; exit 1; }
	@command -v python3 > /dev/null || .ci/install-packages python3

clean:
	rm -rf .build .build-* .venv-bench .venv-peers
