/// A known answer, asked for at load: does this engine compute with these instructions what scalar code computes?
#pragma once

namespace pellucid::wasm {

/// Runs a small network of our own, forward and backward, through the build's kernels, and compares it with loops in
/// double. False where any number is off by more than rounding explains.
bool self_test();

}  // namespace pellucid::wasm
