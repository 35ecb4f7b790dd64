// The methods of a program, or of a WebAssembly module: all of them, or, where PELLUCID_LIVE_ALONE is defined, those
// that draw. What a module does not name here, the linker leaves out of it.
#include "pellucid/methods/method.hpp"

namespace pellucid {

namespace methods {
#define PELLUCID_METHOD(id) Method id();
#define PELLUCID_STUDIO_METHOD(id) Method id();
#include "pellucid/methods/list.inc"
#undef PELLUCID_METHOD
#undef PELLUCID_STUDIO_METHOD
}  // namespace methods

namespace {

struct Listed {
    Method (*make)();
    Module module;
};

constexpr Listed listed[] = {
#define PELLUCID_METHOD(id) {methods::id, Module::live},
#ifdef PELLUCID_LIVE_ALONE
#define PELLUCID_STUDIO_METHOD(id)
#else
#define PELLUCID_STUDIO_METHOD(id) {methods::id, Module::studio},
#endif
#include "pellucid/methods/list.inc"
#undef PELLUCID_METHOD
#undef PELLUCID_STUDIO_METHOD
};

}  // namespace

std::span<const Method> all_methods() {
    static const std::vector<Method> list = [] {
        std::vector<Method> made;
        for (const Listed& each : listed) {
            made.push_back(each.make());
            made.back().card.module = each.module;
        }
        return made;
    }();
    return list;
}

}  // namespace pellucid
