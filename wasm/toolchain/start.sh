#!/usr/bin/env bash
# npm start: gets what is missing, builds everything, serves the page. PORT chooses the port.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
bash wasm/toolchain/setup.sh
bash wasm/toolchain/build.sh native wasm web
say "the command: build/native/pellucid --help"
exec npm run --silent preview --workspace web -- --host 127.0.0.1 --port "${PORT:-4173}"
