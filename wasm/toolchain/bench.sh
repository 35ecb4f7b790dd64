#!/usr/bin/env bash
# npm run bench [-- ARGUMENTS]: builds and runs the native benchmarks.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
bash wasm/toolchain/setup.sh
bash wasm/toolchain/build.sh bench
exec build/native/pellucid_bench "$@"
