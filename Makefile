# make run      the main job: build, serve a spool, drop a sample export, show its manifest and its contacts
# make test     every test, with warnings as errors
# make soak     the same against kills, power cuts and scale at length: about an hour
# make metadata renew the phone number tables from the newest metadata
# make bench    the benchmarks

SHELL := /bin/bash
PYTHON := .venv/bin/python
REQUIREMENTS := Sources/PhoneNumbers/Metadata/requirements.txt
# What the build links, and what the tests need: a Python with venv, setpriv, the time zone database.
DEBIAN := libinotifytools0-dev libsqlite3-dev tzdata
DEBIAN_TESTS := $(DEBIAN) python3-venv sqlite3 strace util-linux procps
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)

# In two parts: the tests of the program start hundreds of processes, beside which every other test would wait.
SWIFT_TEST = WARNINGS_AS_ERRORS=1 ROLLCALL_PYTHON="$(CURDIR)/$(PYTHON)" swift test

.PHONY: help run build test soak packages packages-test metadata bench install clean

help:
	@sed -n 's/^# make/make/p' Makefile

run: build
	@Config/samples/demonstrate .build/release

build: packages
	swift build -c release --product rollcall
	swift build -c release --product rollcall-watch

test: packages-test $(PYTHON)
	$(SWIFT_TEST) $(or $(TEST_FLAGS),--skip EndToEndTests)
	$(if $(TEST_FLAGS),,$(SWIFT_TEST) --skip-build --filter EndToEndTests)

soak: packages-test $(PYTHON)
	SOAK=1 KILLS=1000 ROLLCALL_SCALE=1 ROLLCALL_PYTHON="$(CURDIR)/$(PYTHON)" swift test --filter 'EndToEndTests|ScaleTests'

packages:
	@$(call install-missing,$(DEBIAN))

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
DEBIAN_BENCH := $(DEBIAN_TESTS) libphonenumber-dev libcsv-dev miller g++

bench: $(PYTHON)
	@$(call install-missing,$(DEBIAN_BENCH))
	$(PYTHON) -m pip install --quiet --disable-pip-version-check duckdb
	Benchmarks/Reference/build.sh
	ROLLCALL_PYTHON="$(CURDIR)/$(PYTHON)" swift run -c release --package-path Benchmarks PhoneBenchmark
	ROLLCALL_PYTHON="$(CURDIR)/$(PYTHON)" swift run -c release --package-path Benchmarks CSVBenchmark

clean:
	rm -rf .build .venv
