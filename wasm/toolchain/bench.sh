#!/usr/bin/env bash
# npm run bench: builds what is measured, gets the runtimes that it is measured against (tests/bench has a lock file of
# its own; nothing else installs them), and measures. Arguments go to tests/bench/run.mjs: --quick, --only SECTION,
# --readme.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
case " $* " in *" --readme "*) exec node tests/bench/run.mjs "$@" ;; esac
bash wasm/toolchain/setup.sh --browser
if ! cmp -s tests/bench/package-lock.json tests/bench/node_modules/.installed; then
    say "installing the runtimes to compare with (tests/bench/package-lock.json)"
    npm ci --prefix tests/bench --no-audit --no-fund --loglevel=error
    cp tests/bench/package-lock.json tests/bench/node_modules/.installed
fi
# oneDNN by itself is a peer, too, where it can be had without asking.
if [ ! -e /usr/include/dnnl.hpp ] && [ "$(id -u)" = 0 ] && have apt-get; then
    (apt_install "to compare with oneDNN" libdnnl-dev) || say "without oneDNN"
fi
# CMake looks for libraries when it configures, which may have been before that.
[ ! -e /usr/include/dnnl.hpp ] || [ -e build/native/pellucid_bench_onednn ] || rm -f build/native/.configured
bash wasm/toolchain/build.sh native wasm bench web
node tests/bench/run.mjs "$@"
