#!/usr/bin/env bash
# npm run fuzz -- SECONDS [TARGET...]: fuzzes the targets of tests/fuzz, by default all of them, for SECONDS together,
# in one process at a time, and prints how many inputs each has run. Gets clang with libFuzzer where it is missing.
#
# Corpora grow in build/fuzz/corpus from run to run. What breaks a target is kept in build/fuzz/findings and ends the
# script with 1: mend the cause, then keep the file, made small (-minimize_crash=1), in tests/fuzz/findings/TARGET,
# which every npm test replays.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. wasm/toolchain/system.sh

usage="usage: npm run fuzz -- SECONDS [TARGET...]"
all="checkpoint gzip idx methods npy onnx png recipe statistics"
[[ "${1:-}" =~ ^[1-9][0-9]*$ ]] || die "$usage"
seconds=$1
shift
targets=("$@")
[ $# -gt 0 ] || read -ra targets <<<"$all"
for target in "${targets[@]}"; do
    case " $all " in *" $target "*) ;; *) die "there is no target '$target'; there are: $all" ;; esac
done

bash wasm/toolchain/setup.sh
check_clang
bash wasm/toolchain/build.sh fuzz

# An allocation beyond all limits is a finding, and an input that takes long, too.
options=(-max_len=4096 -timeout=60 -rss_limit_mb=3072 -malloc_limit_mb=2048
    -print_final_stats=1 -verbosity=0 -print_funcs=0)
ASAN_SYMBOLIZER_PATH=$(command -v llvm-symbolizer-$clang_version)
export ASAN_SYMBOLIZER_PATH
export ASAN_OPTIONS=detect_leaks=0:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
share=$((seconds / ${#targets[@]}))
[ "$share" -gt 0 ] || share=1

failed=0 total=0 table=
for target in "${targets[@]}"; do
    corpus=build/fuzz/corpus/$target findings=build/fuzz/findings/$target log=build/fuzz/$target.log
    mkdir -p "$corpus" "$findings"
    folders=("$corpus" "tests/fuzz/seeds/$target")
    [ ! -d "tests/fuzz/findings/$target" ] || folders+=("tests/fuzz/findings/$target")
    dictionary=()
    [ ! -e "tests/fuzz/dictionaries/$target.dict" ] || dictionary=("-dict=tests/fuzz/dictionaries/$target.dict")
    began=$SECONDS
    state=clean
    "build/fuzz/pellucid_fuzz_$target" "${options[@]}" "${dictionary[@]}" -max_total_time="$share" \
        -artifact_prefix="$findings/" "${folders[@]}" >"$log" 2>&1 || {
        state="broken: see $log" failed=1
        tail -n 40 "$log" >&2
    }
    count=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -n 1)
    took=$((SECONDS - began))
    total=$((total + ${count:-0}))
    rate=$((${count:-0} / (took > 0 ? took : 1)))
    table+=$(printf '%-12s %12s executions %8s a second   %s' "$target" "${count:-0}" "$rate" "$state")$'\n'
done
printf '%s' "$table"
printf '%-12s %12s executions\n' together "$total"
exit $failed
