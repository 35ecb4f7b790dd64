/// The committed goldens of the reference libraries, and ours beside them.
#pragma once

#include "pellucid/tensor.hpp"

#include <map>
#include <string>
#include <vector>

namespace pellucid::parity {

/// One line of cases.txt.
struct Case {
    std::string file, method;
    std::map<std::string, std::string> params;  ///< pellucid's own parameters
    std::map<std::string, std::string> arrays;  ///< parameter → array of the folder to hand over
    std::string settings;                       ///< the parameters as they are written in cases.txt
    double reference_in_float32 = 0;            ///< how far the reference in single precision is from itself in double
};

struct Goldens {
    std::string folder, model;
    Tensor inputs, logits;
    std::vector<std::size_t> targets, others;
    std::vector<Case> cases;
};

/// How far one case is from the reference, the worst row of all.
struct Deviation {
    double relative = 0;  ///< max |ours − theirs| / max |theirs|, per row
    double cosine = 1;    ///< smallest over the rows
    std::size_t rows = 0;
};

/// Folders under tests/parity/goldens, sorted.
std::vector<std::string> golden_folders();
Goldens load_goldens(const std::string& folder);
/// Runs the case's method on every row.
Deviation compare(const Goldens& goldens, const Case& one);
/// False for methods that are not in the list (yet).
bool is_listed(const std::string& method);

}  // namespace pellucid::parity
