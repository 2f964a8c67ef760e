#!/usr/bin/env bash
# What is built here runs on other machines of its architecture: nothing is compiled for the CPU at hand.
set -euo pipefail
cd "${1:?the root of the sources}"

if grep -rnE -- '-m(arch|tune|cpu)=native' Makefile CMakeLists.txt CMakePresets.json scripts/*.sh scripts/lib scripts/suite src; then
    echo "the CPU at hand is no target"
    exit 1
fi
