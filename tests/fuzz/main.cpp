// libFuzzer's entry: one program per target.
#include "targets.hpp"

#include "pellucid/parallel.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    // One thread, so that a finding is the same each time.
    pellucid::set_thread_limit(1);
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace pellucid::fuzz;
    static const auto target = std::ranges::find(all_targets(), PELLUCID_FUZZ_TARGET, &FuzzTarget::name);
    try {
        target->run({data, size});
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s: %s\n", PELLUCID_FUZZ_TARGET, error.what());
        std::abort();
    }
    return 0;
}
