#!/usr/bin/env bash
# Upgrades a server that has indexes by pg_upgrade, from PostgreSQL 15 to 17 to 18: scripts/upgrade_test.sh
#
# These versions are in different releases of Debian, so each is collected from its release, with the libraries that it needs, and all
# of them run in the last one. A release that this machine does not have is a folder in build/, as those of scripts/test.sh --chroot,
# which debootstrap makes the first time. Needs root.
#
# The last line is "N passed, N failed"; the exit status is 1 if anything failed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source-path=SCRIPTDIR/..
source scripts/lib/setup.sh
source scripts/lib/chroot.sh

releases=(bookworm trixie forky)

((EUID == 0)) || die "setting up a chroot takes root"

# in_release RELEASE COMMAND... - there, with the checkout in its place.
in_release() {
    local release=$1
    shift
    if [[ $(sed -nE 's/^VERSION_CODENAME=//p' /etc/os-release) == "$release" ]]; then
        "$@"
        return
    fi
    create_chroot "$release" "$ROOT/build/$release" ""
    (
        unset PG_CONFIG
        enter_chroot "$ROOT/build/$release" 1g -- "$@"
    )
}

mkdir -p "$ROOT/run"
COLLECTION=$(mktemp -d "$ROOT/run/upgrade.XXXXXX")
trap 'rm -rf "$COLLECTION"' EXIT
chmod 755 "$COLLECTION"

for release in "${releases[@]}"; do
    step "Collecting from ${RELEASE_NAMES[$release]}"
    in_release "$release" bash "$ROOT/scripts/upgrade/collect.sh" "$COLLECTION"
done
in_release "${releases[-1]}" bash "$ROOT/scripts/upgrade/run.sh" "$COLLECTION"
