/// The files beside a model that hold its larger arrays ("external data" of ONNX).
#pragma once

#include "pellucid/nn/onnx.hpp"
#include "pellucid/nn/onnx/proto.hpp"

namespace pellucid::onnx {

/// Finds the bytes of a data file by the name that the model has for it, or nothing where there is no such file.
class DataSource {
public:
    virtual ~DataSource() = default;
    virtual std::optional<std::span<const std::byte>> find(std::string_view location) = 0;
    /// What to say of a file that is not there.
    virtual std::string remedy(std::string_view location) const = 0;
    /// How many bytes were handed out so far, of all files together.
    virtual std::size_t size() const = 0;
};

/// Files that the caller has read already, by name. A single one without a name stands for every location.
std::unique_ptr<DataSource> given_files(const DataFiles& files);

/// Files in the folder of the model at `path`, each read when it is first asked for.
std::unique_ptr<DataSource> files_beside(const std::string& path);

/// Gives every array that is stored in another file its bytes there. The bytes live as long as `source`.
/// Throws Error(bad_file) for a location outside of the model's folder, a missing file, or a part that the file does
/// not have.
void read_external(ModelProto& model, DataSource& source);

}  // namespace pellucid::onnx
