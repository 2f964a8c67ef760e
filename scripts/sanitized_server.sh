#!/usr/bin/env bash
# Builds PostgreSQL itself, from Debian's source package, with assertions and AddressSanitizer, for tests with everything
# instrumented, the extension included; and says how to run them. Takes about ten minutes on two cores. Needs root, or
# passwordless sudo, only where packages are missing.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib/setup.sh"
source "$ROOT/scripts/lib/source_server.sh"

step "PostgreSQL with assertions and AddressSanitizer"
choose_postgres
build_source_server asan
step "Done"
say "ASAN_OPTIONS=detect_leaks=0 PG_CONFIG=$PG_CONFIG scripts/test.sh --server-asan"
