// Operators that are supported on stored arrays and sizes only, where fold() does their work before anyone asks here.

#include "pellucid/nn/onnx/site.hpp"

namespace pellucid::onnx {

Built build_sizes(Site& site) {
    if (site.op() == "Gather") site.require("axis", 0);
    site.sizes_of(0);
    site.unsupported("this arithmetic on sizes is not supported");
}

}  // namespace pellucid::onnx
