# Everything one can do with this repository. `make help` lists it.

# Versions. GOTOOLCHAIN makes any Go from 1.21 on fetch this one.
GO_VERSION    := 1.27.1
NODE_AT_LEAST := 18
ONNXRUNTIME   := 1.30.0
STATICCHECK   := honnef.co/go/tools/cmd/staticcheck@v0.8.2
DEADCODE      := golang.org/x/tools/cmd/deadcode@v0.52.0
GREMLINS      := github.com/go-gremlins/gremlins/cmd/gremlins@v0.6.0
BENCHSTAT     := golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da

# Settings, to be given as in `make run ADDR=127.0.0.1:8081`.
ADDR     ?= 127.0.0.1:8080
FUZZTIME ?= 20s
PACKAGES ?= ./core/optim ./core/durable ./core/checkpoint ./core/dataset ./server/host ./server ./server/site ./server/cmd/watch
DEPTH    ?= 8
WIDTH    ?= 16
BATCH    ?= 32
STEPS    ?= 9

export GOTOOLCHAIN := go$(GO_VERSION)
# The kernels' vector instructions. Everything builds without it too.
export GOEXPERIMENT := simd
# Else a commit would change the bytes of every program, and with them every ETag.
export GOFLAGS := -buildvcs=false

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.NOTPARALLEL: # The Go command is parallel by itself, and timings should not be of two things.
.DEFAULT_GOAL := help

# Without the second version of encoding/json, which reads the headers of checkpoints no better
# here, the worker is 170 kB smaller over the wire.
BROWSER  := GOOS=js GOARCH=wasm GOEXPERIMENT=simd,nojsonv2
STRIPPED := -trimpath -ldflags='-s -w'
# The command says in the runs it makes of which commit it is. Nothing that is served does.
STAMPED   = -trimpath -ldflags="-s -w -X main.version=$$(cat build/version)"

# sources lists what a program in the folders $(1) is built from. Folders are
# in it because their time changes when a file is added or removed.
sources = $(shell find $(wildcard $(1)) ! -name '*_test.go' ! -path '*/testdata*' ! -path 'wasm/browser*' ! -name '* *') go.mod go.sum Makefile

ifneq ($(filter-out help clean,$(MAKECMDGOALS)),)
ifeq ($(shell command -v go),)
$(error Go is missing: install any version from 1.21 on, as from https://go.dev/dl; it fetches $(GO_VERSION) by itself)
endif
endif

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

## Building.

.PHONY: run
run: build ## build everything and serve the page at ADDR (default 127.0.0.1:8080)
	@exec build/server -addr '$(ADDR)'

.PHONY: watch
watch: ## serve the page at ADDR, and build and load it anew whenever a source is saved
	@go run ./server/cmd/watch -addr '$(ADDR)'

.PHONY: build
build: build/server build/quarterturn ## build the page, the worker, the server and the command into build/

build/page.wasm: $(call sources,core ui wasm assets)
	$(BROWSER) go build $(STRIPPED) -o $@ ./wasm/page
	@touch $@ # Go leaves a file that is up to date as it is.

build/worker.wasm: $(call sources,core wasm assets)
	$(BROWSER) go build $(STRIPPED) -o $@ ./wasm/worker
	@touch $@

# It must be the compiler's own: the two change together.
build/wasm_exec.js: Makefile
	@mkdir -p build
	cp "$$(go env GOROOT)/lib/wasm/wasm_exec.js" $@
	@chmod u+w $@ && touch $@

SITE := build/page.wasm build/worker.wasm build/wasm_exec.js $(call sources,index.html assets wasm/loader server/site server/cmd)

build/packed: $(SITE)
	go run ./server/cmd/pack
	@touch $@

build/server: build/packed $(call sources,server)
	CGO_ENABLED=0 go build $(STRIPPED) -o $@ ./server
	@touch $@

# Written anew only where it changes, so that nothing is linked again for nothing.
build/version: always
	@mkdir -p build
	@git describe --tags --always --dirty 2>/dev/null >$@.new || echo unknown >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

.PHONY: always
always:

build/quarterturn: $(call sources,core assets) build/version
	CGO_ENABLED=0 go build $(STAMPED) -o $@ ./core/cmd/quarterturn
	@touch $@

.PHONY: build-xla
build-xla: build/quarterturn-xla ## build build/quarterturn-xla, the command for devices with an XLA plugin (GPUs); needs gcc

build/quarterturn-xla: $(call sources,core assets) build/version
	@.ci/need gcc
	CGO_ENABLED=1 go build -tags xla $(STAMPED) -o $@ ./core/cmd/quarterturn
	@touch $@

.PHONY: dist
dist: $(SITE) ## build dist/quarterturn-server: one file, everything in it, compressed as hard as possible
	go run ./server/cmd/pack -best
	CGO_ENABLED=0 go build $(STRIPPED) -o dist/quarterturn-server ./server
	@ls -l dist

.PHONY: size
size: $(SITE) ## print the bytes of each module raw, gzip and brotli, and compare with wasm/budget.json
	go run ./server/cmd/pack -best -budget wasm/budget.json

.PHONY: clean
clean: ## remove what was built
	rm -rf build dist
	find server/embedded/files -mindepth 1 ! -name .gitignore -delete

## Checking.

# report prints what matters of `go test -json`, and keeps the counts for the last line.
report = go run .ci/report.go -keep build/test/$(1).json

.PHONY: test
test: ## run lint and all tests: native, with XLA, under Node, in ONNX Runtime, in Chromium; installs what it needs where it can
	@rm -rf build/test; failed=0; \
	for stage in lint test-native test-xla test-wasm test-onnx test-browser; do \
		echo "== $$stage"; $(MAKE) --no-print-directory $$stage || failed=1; \
	done; \
	go run .ci/report.go -total build/test || failed=1; \
	exit $$failed

.PHONY: test-native
test-native: ## run the unit tests; the kernels also without vector code, and what has locks with the race detector
	@.ci/need gcc
	go test -json -short -timeout 15m ./... | $(call report,native)
	GOEXPERIMENT= go test -json -short -timeout 15m $(KERNELS) | $(call report,scalar)
	go test -json -short -timeout 15m -race $(RACE_FLAGS) -skip '^Test($(RACE_SKIP))$$' $(RACE) | $(call report,race)
	go test -json -short -timeout 15m -race $(RACE_FLAGS) -run 'Divided(Stops|Restores|Fails)|DevicesMatchOne' ./core/train | $(call report,race-train)
	go test -json -short -timeout 15m -race $(RACE_FLAGS) -run Signal ./core/cmd/quarterturn | $(call report,race-command)

.PHONY: test-xla
test-xla: build/quarterturn-xla ## build and vet the command with XLA, and run its tests; those on a device need QUARTERTURN_XLA_PLUGIN
	CGO_ENABLED=1 go vet -tags xla ./core/cmd/quarterturn
	CGO_ENABLED=1 go test -json -short -timeout 15m -tags xla -run XLA ./core/cmd/quarterturn | $(call report,xla)

# The packages with goroutines or locks of their own. Of the command's tests and of those of training
# only the ones of their own goroutines: all of them take ten minutes under the detector.
RACE = $$(grep -rlE --include='*.go' '^\s*go (func|[a-z])|"sync' core server | xargs -n1 dirname | sort -u | grep -vE '^core/(cmd/|train$$)' | sed 's|^|./|')
# Of the lab's tests those are left out that take minutes there, and whose goroutines others have too.
RACE_SKIP = Ask|Probe|Examinations(Stop|Refuse)|PageAndCommandAgree|RunSurvivesKills
# The stock backend's AVX-512 kernels compute addresses that the race detector's pointer checks refuse.
RACE_FLAGS = -gcflags='github.com/gomlx/compute/...=-d=checkptr=0'

# Node gets a small environment: Go's js port has 12 kB for arguments and environment together.
NODE      = env -i PATH=$$PATH node --stack-size=8192
NODE_EXEC = $(NODE) $$(go env GOROOT)/lib/wasm/wasm_exec_node.js
# vecty starts only where there is a document.
NODE_DOM  = $(NODE) --require $(CURDIR)/ui/testdata/document.js $$(go env GOROOT)/lib/wasm/wasm_exec_node.js
# All that a browser runs. Not the command: it is native, with signals and pipes that js lacks.
IN_BROWSER = $$(go list ./core/... | grep -v '/core/cmd/') ./ui/state/... ./wasm/wire/...

.PHONY: test-wasm
test-wasm: ## run the tests of core and the wire format as js/wasm under Node
	@.ci/need node=$(NODE_AT_LEAST)
	$(BROWSER) go test -json -short -timeout 20m -exec "$(NODE_EXEC)" $(IN_BROWSER) | $(call report,wasm)
	$(BROWSER) go test -json -short -timeout 20m -exec "$(NODE_DOM)" ./ui | $(call report,wasm-ui)

# ONNX Runtime as WebAssembly: npm has it whole, for every machine, and nothing of it is compiled or
# fetched when it is installed. Under Node it loads these two packages and no other.
build/onnxruntime/$(ONNXRUNTIME):
	@.ci/need node=$(NODE_AT_LEAST) npm
	@rm -rf build/onnxruntime && mkdir -p build/onnxruntime
	npm install --prefix build/onnxruntime --no-save --no-package-lock --ignore-scripts --no-audit --no-fund \
		onnxruntime-web@$(ONNXRUNTIME) onnxruntime-common@$(ONNXRUNTIME)
	@touch $@

.PHONY: test-onnx
test-onnx: build/onnxruntime/$(ONNXRUNTIME) ## compare exported networks with ours in ONNX Runtime under Node
	@.ci/need node=$(NODE_AT_LEAST)
	go test -json -tags onnxruntime -count=1 -run ONNXRuntime -timeout 5m ./core/onnx | $(call report,onnx)

.PHONY: test-browser
test-browser: build ## run the page in headless Chromium against the real server
	@.ci/need chromium
	go test -json -tags browser -count=1 -timeout 25m ./wasm/browser/... | $(call report,browser)

.PHONY: screenshots
screenshots: build/server ## photograph the page's states into build/screenshots: desktop, phone, dark
	@.ci/need chromium
	SCREENSHOTS="$(CURDIR)/build/screenshots" go test -tags browser -count=1 -timeout 8m -run Screenshots ./wasm/browser/
	@ls build/screenshots

.PHONY: fuzz
fuzz: ## run each fuzz target for FUZZTIME (default 20s)
	@grep -roE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' core server ui wasm | while IFS=: read -r file func; do \
		echo "== $$(dirname $$file) $${func#func }"; \
		go test -run '^$$' -fuzz "^$${func#func }\$$" -fuzztime $(FUZZTIME) "./$$(dirname $$file)" </dev/null; \
	done

# Not part of test: each change is compiled and tested by itself, which takes seconds, and some
# that no test notices change nothing.
.PHONY: mutate
mutate: build/tools/gremlins ## take code of PACKAGES away and change its operators, and print what no test notices (an hour for all)
	go run .ci/removals.go $(PACKAGES)
	@for package in $(PACKAGES); do \
		build/tools/gremlins unleash --workers 1 --timeout-coefficient 20 --output-statuses lc $$package; \
	done

.PHONY: cover
cover: ## print how much of each package its tests run, and write build/cover.html
	@mkdir -p build
	go test -short -timeout 10m -coverprofile=build/cover.out ./... | sed -nE 's/^ok +([^ \t]+).*coverage: ([0-9.]+%).*/\2\t\1/p' | sort -n
	@go tool cover -html=build/cover.out -o build/cover.html
	@go tool cover -func=build/cover.out | tail -1

.PHONY: soak
soak: ## kill 1,000 runs at random moments, and compare what they end with
	QUARTERTURN_KILLS=1000 go test -run Kills -count=1 -timeout 60m -v ./core/cmd/quarterturn

## Linting: what a reader would otherwise have to remember.

.PHONY: lint
lint: lint-format lint-vet lint-static lint-dead lint-imports lint-tree ## check formatting, vet, staticcheck, dead code, the import rules, go.mod, stray files

.PHONY: lint-format
lint-format:
	@files=$$("$$(go env GOROOT)/bin/gofmt" -l .); [ -z "$$files" ] || { echo "not formatted as gofmt does:"; echo "$$files"; exit 1; }

.PHONY: lint-vet
lint-vet:
	go vet ./...
	go vet -tags browser ./wasm/browser/...
	go vet -tags onnxruntime ./core/onnx
	go vet .ci/report.go
	go vet .ci/removals.go
	$(BROWSER) go vet $$(go list ./core/... | grep -v '/core/cmd/') ./ui/... ./wasm/... # The command is native.
	GOEXPERIMENT= go vet $(KERNELS)
	GOOS=js GOARCH=wasm GOEXPERIMENT= go vet $(KERNELS)
	GOARCH=arm64 go vet $(KERNELS)

# Built once: go run would link them anew each time. Not in go.mod: the programs need none of it.
staticcheck = $(STATICCHECK)
deadcode    = $(DEADCODE)
benchstat   = $(BENCHSTAT)
gremlins    = $(GREMLINS)
build/tools/%: Makefile
	@mkdir -p build/tools
	GOBIN="$(CURDIR)/build/tools" GOEXPERIMENT= go install $($*)
	@touch $@

.PHONY: lint-static
lint-static: build/tools/staticcheck
	build/tools/staticcheck ./...
	build/tools/staticcheck -tags browser ./wasm/browser/...
	$(BROWSER) build/tools/staticcheck ./ui/... ./wasm/page ./wasm/web ./wasm/worker

.PHONY: lint-dead
lint-dead: build/tools/deadcode
	.ci/deadcode build/tools/deadcode

# The packages whose files depend on GOEXPERIMENT. Only these are built without it too: building
# the tensor library once more would take longer than all other checks.
KERNELS = $$(grep -rl --include='*.go' goexperiment core | xargs -n1 dirname | sort -u | sed 's|^|./|')

# imports prints "package import" for each direct import of the packages $(1) in the browser's
# build. Direct, because on js the standard library itself imports syscall/js.
imports = $(BROWSER) go list -e -f '{{$$p := .ImportPath}}{{range .Imports}}{{$$p}} {{.}}{{"\n"}}{{end}}' $(1)
# links prints the packages outside the standard library that the packages $(1) link.
links = $(BROWSER) go list -e -deps -f '{{if not .Standard}}{{.ImportPath}}{{end}}' $(1)
# never fails with the reason $(3) if $(1) prints a line that matches $(2), or fails itself.
never = @lines=$$($(1)); if grep -E '$(2)' <<<"$$lines"; then echo 'lint: $(3)'; exit 1; fi

.PHONY: lint-imports
lint-imports:
	$(call never,$(call imports,./core/...), (syscall/js|net/http|github.com/hexops/.*)$$,core must not know the browser$(comma) HTTP or the interface: it runs natively too)
	$(call never,$(call links,./core/run) | sed -E '/^quarterturn.core.(run|fault)$$/d',[a-z],core/run is shared by page$(comma) worker and command and imports only core/fault and the standard library)
	$(call never,$(call imports,./core/...), quarterturn/(ui|wasm|server)(/|$$),core is what page$(comma) worker and command share: it must not know what is built on it)
	$(call never,$(call links,./ui/... ./wasm/page ./wasm/wire),github.com/gomlx/,the page must not link the tensor library: it would be five times larger)
	$(call never,$(call imports,./ui/state),github.com/hexops/,ui/state is plain values$(comma) tested without a browser)
	$(call never,$(call imports,./...) | sed '/^quarterturn.wasm./d',syscall/js$$,syscall/js belongs below wasm/)
	$(call never,$(call imports,./wasm/wire),syscall/js$$,wasm/wire is pure Go: it is tested and fuzzed natively)
	$(call never,go list -deps ./core/cmd/quarterturn,/go-xla/,only a build with -tags xla links XLA)
	$(call never,CGO_ENABLED=1 go list -deps -tags xla ./core/cmd/quarterturn,/go-xla/.*install,nothing is downloaded: the installer of go-xla must not be linked)
comma := ,

.PHONY: lint-tree
lint-tree:
	go mod tidy -diff
	$(call never,git grep -InE '(^|[^A-Za-z0-9._/-])/(home|root|Users|work)[/]' || true,[a-z],a path of one machine is in the repository)
	$(call never,git ls-files -z | xargs -0 ls -l | awk '$$5 > 4000000 {print $$NF}',[a-z],a file of more than 4 MB is in the repository: a built program?)
	$(call never,git ls-files,\.wasm$$|(^|/)wasm_exec\.js$$|^build/|^dist/,built files are not committed)

## Measuring.

.PHONY: bench
bench: ## measure training and predicting natively, as JSON lines; DEPTH, WIDTH, BATCH, STEPS set the network
	@go run ./core/cmd/quarterturn bench --depth $(DEPTH) --width $(WIDTH) --batch $(BATCH) --steps $(STEPS) --json

# What a run spends its time in. Six times, so that benchstat has an interval.
BENCHMARKS = -run '^$$' -bench '^Benchmark(Step|Conv|Batch|Curves|Probe|NearestOthers)$$' -count 6 -benchtime 0.2s -timeout 30m

.PHONY: benchmarks
benchmarks: build/tools/benchstat ## run the Go benchmarks and compare them with docs/bench.txt, which another machine made
	@{ sed -n '/^#/p' docs/bench.txt; go test $(BENCHMARKS) ./core/dataset ./core/embed ./core/engine ./core/engine/kernel ./core/figure/raster ./core/train; } >build/bench.txt
	build/tools/benchstat docs/bench.txt build/bench.txt

.PHONY: bench-wasm
bench-wasm: build/server ## measure the same in headless Chromium, inside a Worker, and the time to the first prediction
	@.ci/need chromium
	@DEPTH=$(DEPTH) WIDTH=$(WIDTH) BATCH=$(BATCH) STEPS=$(STEPS) \
		go test -tags browser -run '^$$' -bench 'Worker|Group|FirstPrediction' -benchtime 1x -timeout 10m ./wasm/browser >build/bench-wasm.log || { cat build/bench-wasm.log; exit 1; }
	@grep '^{' build/bench-wasm.log
