# make run      the main job: build, serve a spool, drop a sample export, show its manifest and its contacts
# make test     every test, with warnings as errors
# make soak     the same against kills, power cuts and scale at length: about an hour
# make metadata renew the phone number tables from the newest metadata
# make bench    the benchmarks
# make install  the programs, the unit and all that belongs to it, below DESTDIR and PREFIX (/usr/local)
# make deb      a Debian package in .build/deb
# make test-systemd  the package on a systemd of its own, booted in a container; needs root, takes minutes

SHELL := /bin/bash
PYTHON := .venv/bin/python
REQUIREMENTS := Sources/PhoneNumbers/Metadata/requirements.txt
# What the build links, and what the tests need: a Python with venv, setpriv, the time zone database.
DEBIAN := libinotifytools0-dev libsqlite3-dev tzdata
DEBIAN_TESTS := $(DEBIAN) python3-venv sqlite3 strace rsync openssh-client openssh-sftp-server util-linux procps systemd zstd \
  chromium chromium-driver fonts-dejavu-core curl openssl gcc libc6-dev
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)

# In two parts: the tests of the program start hundreds of processes, beside which every other test would wait.
SWIFT_TEST = WARNINGS_AS_ERRORS=1 ROLLCALL_PYTHON="$(CURDIR)/$(PYTHON)" swift test

.PHONY: help run build test test-instructions soak packages packages-deb packages-test metadata bench install static deb test-systemd clean

help:
	@sed -n 's/^# make/make/p' Makefile

run: build
	@Config/samples/demonstrate .build/release

build: packages
	swift build -c release --product rollcall
	swift build -c release --product rollcall-watch

# For machines without Swift: its runtime is linked into rollcall. rollcall-watch is GPL-2.0-only C, and must not have the
# runtime, which is Apache-2.0, in it.
STATIC := .build/static
HARDENING := -O2 -fPIE -pie -fstack-protector-strong -D_FORTIFY_SOURCE=2 -Wl,-z,relro,-z,now
static: packages
	swift build -c release --product rollcall --static-swift-stdlib
	install -D .build/release/rollcall $(STATIC)/rollcall
	$(or $(shell command -v cc),clang) $(HARDENING) Sources/rollcall-watch/main.c -linotifytools -o $(STATIC)/rollcall-watch

test: packages-test $(PYTHON)
	$(SWIFT_TEST) $(or $(TEST_FLAGS),--skip EndToEndTests)
	$(if $(TEST_FLAGS),,$(SWIFT_TEST) --skip-build --filter EndToEndTests)
	$(if $(TEST_FLAGS),,$(MAKE) test-instructions)

# What a row may cost, in instructions; a change that takes more has to say why it does.
MOST_INSTRUCTIONS := 41000
test-instructions: build
	@$(call install-missing,valgrind binutils)
	python3 Benchmarks/Pipeline/instructions.py .build/release/rollcall $(MOST_INSTRUCTIONS)

# The kills and the waiting files with the release, which does several a second.
SOAK_RELEASE := KillTests|WaitingFilesTests
soak: packages-test build $(PYTHON)
	@$(call install-missing,time)
	SOAK=1 ROLLCALL_SCALE=1 ROLLCALL_PYTHON="$(CURDIR)/$(PYTHON)" \
	  swift test --filter 'EndToEndTests|ScaleTests' --skip '$(SOAK_RELEASE)'
	SOAK=1 KILLS=1000 ROLLCALL_PROGRAM="$(CURDIR)/.build/release/rollcall" \
	  swift test --skip-build --filter '$(SOAK_RELEASE)'

packages:
	@$(call install-missing,$(DEBIAN))

packages-deb:
	@$(call install-missing,$(DEBIAN_DEB))

packages-test:
	@$(call install-missing,$(DEBIAN_TESTS))

# Asks for the administrator's rights only when something is missing.
define install-missing
missing=$$(dpkg-query -W -f='$${db:Status-Status} $${Package}\n' $(1) 2>/dev/null | sed -n 's/^installed //p' | sort | comm -13 - <(printf '%s\n' $(1) | sort)); \
if [ -n "$$missing" ]; then $(SUDO) apt-get update -qq && DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -qq -y --no-install-recommends $$missing; fi
endef

# The reference for phone numbers, in the version that the tables were made from, and the manifest's validator.
$(PYTHON): $(REQUIREMENTS) Tests/requirements.txt
	/usr/bin/python3 -m venv .venv
	$(PYTHON) -m pip install --quiet --disable-pip-version-check -r $(REQUIREMENTS) -r Tests/requirements.txt
	@touch $(PYTHON)

metadata:
	/usr/bin/python3 -m venv .venv
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --upgrade phonenumbers
	$(PYTHON) Sources/PhoneNumbers/Metadata/generate.py

# What the peers in the benchmarks are.
DEBIAN_BENCH := $(DEBIAN_TESTS) libphonenumber-dev libcsv-dev miller g++ wrk

# 1: the published sizes, hours; the default takes minutes.
SCALE ?= 0.1
bench: $(PYTHON) build
	@$(call install-missing,$(DEBIAN_BENCH))
	$(PYTHON) -m pip install --quiet --disable-pip-version-check duckdb inotify_simple sqlite-utils -r Benchmarks/API/requirements.txt
	Benchmarks/Reference/build.sh
	ROLLCALL_PYTHON="$(CURDIR)/$(PYTHON)" swift run -c release --package-path Benchmarks PhoneBenchmark
	ROLLCALL_PYTHON="$(CURDIR)/$(PYTHON)" swift run -c release --package-path Benchmarks CSVBenchmark
	cc -O2 -Wall -o Benchmarks/.build/floor Benchmarks/Pipeline/floor.c -lsqlite3
	$(PYTHON) Benchmarks/Pipeline/run.py .build/release/rollcall Benchmarks/.build/floor --scale $(SCALE)
	$(PYTHON) Benchmarks/API/run.py .build/release/rollcall --scale $(SCALE)

PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
UNITDIR ?= $(PREFIX)/lib/systemd/system
DATADIR = $(DESTDIR)$(PREFIX)/share
INSTALL := install -D

# What "make static" has built. A configuration file that is there already stays.
install:
	@test -x $(STATIC)/rollcall || { echo "run \"make static\" first" >&2; exit 1; }
	$(INSTALL) -m 0755 -s $(STATIC)/rollcall $(DESTDIR)$(PREFIX)/bin/rollcall
	$(INSTALL) -m 0755 -s $(STATIC)/rollcall-watch $(DESTDIR)$(PREFIX)/libexec/rollcall/rollcall-watch
	$(INSTALL) -m 0755 packaging/rollcall-dropbox $(DESTDIR)$(PREFIX)/sbin/rollcall-dropbox
	test -e $(DESTDIR)$(SYSCONFDIR)/rollcall/rollcall.yaml || \
	  $(INSTALL) -m 0644 Config/rollcall.yaml $(DESTDIR)$(SYSCONFDIR)/rollcall/rollcall.yaml
	mkdir -p $(DESTDIR)$(UNITDIR)
	sed 's#/usr/bin/rollcall#$(PREFIX)/bin/rollcall#' systemd/rollcall.service > $(DESTDIR)$(UNITDIR)/rollcall.service
	chmod 0644 $(DESTDIR)$(UNITDIR)/rollcall.service
	$(INSTALL) -m 0644 systemd/rollcall.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/rollcall.conf
	$(INSTALL) -m 0644 systemd/rollcall.tmpfiles $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/rollcall.conf
	$(INSTALL) -m 0644 Config/manifest.schema.json $(DATADIR)/rollcall/manifest.schema.json
	$(INSTALL) -m 0644 README.md $(DATADIR)/doc/rollcall/README.md
	@packaging/install-generated $(STATIC)/rollcall $(DATADIR)

DEBIAN_DEB := dpkg-dev gcc libc6-dev python3
deb: packages-deb static
	packaging/build-deb .build/deb

test-systemd: deb
	@$(call install-missing,mmdebstrap systemd systemd-container)
	packaging/test-systemd .build/deb

clean:
	rm -rf .build .venv
