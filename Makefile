# SPDX-License-Identifier: Apache-2.0
# Five words for people: make, make test, make lint, make format, make docs.
.PHONY: all test lint format docs

all: build/build.ninja
	ninja -C build

test: all
	meson test -C build --no-rebuild --suite unit --suite trace

lint: all
	meson test -C build --no-rebuild --suite lint --print-errorlogs

format:
	git ls-files '*.c' '*.h' | xargs clang-format -i

docs: all
	docs/man/generate build build/man
	@echo "The pages are in docs/; docs/architecture.md comes first; man pages are in build/man."

build/build.ninja:
	meson setup build
