#!/usr/bin/env bash
# npm run bench: builds what is measured, then prints every measurement there is. Timings are for reading, not for tests.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
bash wasm/toolchain/setup.sh --browser
bash wasm/toolchain/build.sh native wasm web
say "the package in node: every method on lenet, every WASM build"
node --experimental-wasm-relaxed-simd tests/wasm/bench.mjs
say "the page in Chromium: from pointer to painted tiles"
node tests/bench/live-frames.mjs
say "two memory layouts side by side, natively and in node"
bash tests/bench/layout/run
