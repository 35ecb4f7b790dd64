#include "pellucid/error.hpp"

namespace pellucid {

const char* to_string(ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::bad_argument: return "bad_argument";
        case ErrorCode::bad_shape: return "bad_shape";
        case ErrorCode::bad_file: return "bad_file";
        case ErrorCode::unsupported: return "unsupported";
        case ErrorCode::cancelled: return "cancelled";
        case ErrorCode::internal: return "internal";
    }
    return "internal";
}

}  // namespace pellucid
