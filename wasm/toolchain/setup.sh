#!/usr/bin/env bash
# Gets everything the build needs: setup.sh, and with --browser what the tests need too. Safe to run again at any time;
# when nothing is missing it takes well under a second.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. wasm/toolchain/system.sh
. wasm/toolchain/trixie.sh
. wasm/toolchain/deps.sh

# `npm ci` follows the lock file to the letter, and begins by deleting node_modules: only when it must.
check_modules() {
    if ! node wasm/toolchain/modules.mjs; then
        say "installing the npm packages in package-lock.json"
        npm ci --no-audit --no-fund --loglevel=error ||
            die "npm ci failed. If it says that package.json and package-lock.json differ, \
run npm install and commit the lock file."
    fi
    say "npm packages: as in package-lock.json"
}

mkdir -p build "$cache" || die "cannot write to $root/build or $cache (PELLUCID_CACHE names another cache folder)."
# Two set-ups at once (npm start in one terminal, npm test in another) would install the same things twice.
if have flock; then
    exec 9>build/.setup.lock
    flock 9
fi
check_system
check_modules
check_deps
case ${1:-} in --browser) check_browser ;; esac
