#include "targets.hpp"

#include "pellucid/error.hpp"

namespace pellucid::fuzz {

void run_checkpoint(Input bytes);
void run_gzip(Input bytes);
void run_idx(Input bytes);
void run_methods(Input bytes);
void run_npy(Input bytes);
void run_onnx(Input bytes);
void run_png(Input bytes);
void run_recipe(Input bytes);
void run_statistics(Input bytes);

std::span<const FuzzTarget> all_targets() {
    static constexpr FuzzTarget targets[] = {
        {"checkpoint", run_checkpoint},
        {"idx", run_idx},
        {"methods", run_methods},
        {"onnx", run_onnx},
        {"recipe", run_recipe},
        {"statistics", run_statistics},
#ifndef __EMSCRIPTEN__  // which reads neither
        {"gzip", run_gzip},
        {"npy", run_npy},
        {"png", run_png},
#endif
    };
    return targets;
}

bool ended_well(const std::function<void()>& body) {
    try {
        body();
        return true;
    } catch (const Error& error) {
        if (error.code() == ErrorCode::internal) throw Broken(error.what());
        return false;
    }
}

}  // namespace pellucid::fuzz
