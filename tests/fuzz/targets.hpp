/// What is fuzzed: functions of any bytes. libFuzzer calls them (main.cpp, wasm/toolchain/fuzz.sh), and so does the
/// test that replays seeds and findings (replay.cpp).
///
/// A target returns whatever its bytes are. What may come out of the library is an Error, but for Error(internal); what
/// it gives instead of one has to keep what its header promises. Anything else is a defect: another exception leaves
/// the target, and broken promises are a Broken.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <stdexcept>
#include <string_view>

namespace pellucid::fuzz {

using Input = std::span<const std::uint8_t>;

struct FuzzTarget {
    std::string_view name;  ///< also of its folders in seeds/ and findings/, and of its dictionary
    void (*run)(Input);
};

/// All targets that this build has.
std::span<const FuzzTarget> all_targets();

/// A promise that was not kept.
struct Broken : std::logic_error {
    using std::logic_error::logic_error;
};

inline void expect(bool kept, const char* promise) {
    if (!kept) throw Broken(promise);
}

/// Calls `body`; true where it came to its end, false where it ended in an Error that input may end in.
bool ended_well(const std::function<void()>& body);

}  // namespace pellucid::fuzz
