#include "resource_options.hpp"

#include "pellucid/data/npy.hpp"
#include "pellucid/error.hpp"
#include "pellucid/nn/onnx.hpp"
#include "strokes_file.hpp"

#include <cmath>
#include <filesystem>

namespace pellucid::cli {

namespace {

bool is_there(const std::string& path) {
    std::error_code unknown;
    return std::filesystem::exists(path, unknown);
}

/// .npy or IDX, plain or gzip.
std::vector<std::size_t> load_labels(const std::string& path) {
    const Bytes bytes = read_unpacked(path);
    if (is_idx(bytes)) {
        const std::vector<std::uint8_t> labels = parse_idx_labels(bytes, path);
        return {labels.begin(), labels.end()};
    }
    const NpyArray array = parse_npy_array(bytes, path);
    std::vector<std::size_t> labels;
    for (const float value : array.values) {
        if (!(value >= 0.0F && value < 16777216.0F) || value != std::floor(value))
            fail(ErrorCode::bad_file, "{}: labels are whole numbers from 0 on, not {}", path, value);
        labels.push_back(static_cast<std::size_t>(value));
    }
    return labels;
}

DataSet load_images(const std::string& images, const std::string& labels) {
    const Bytes bytes = read_unpacked(images);
    std::vector<std::size_t> classes;
    if (!labels.empty()) classes = load_labels(labels);
    if (!is_idx(bytes)) return DataSet(parse_npy(bytes, images).pixels, std::move(classes));
    LabelledImages set;
    set.images = parse_idx_images(bytes, images);
    for (const std::size_t label : classes) {
        if (label > 255) fail(ErrorCode::bad_file, "{}: labels of IDX images are at most 255, not {}", labels, label);
        set.labels.push_back(static_cast<std::uint8_t>(label));
    }
    return DataSet(std::move(set));
}

/// The labels that belong to a file of images by its name; "" where there are none.
std::string labels_beside(const std::string& images) {
    constexpr std::string_view of_images = "images-idx3", of_labels = "labels-idx1";
    const std::size_t at = images.rfind(of_images);
    if (at == std::string::npos) return "";
    std::string labels = images;
    labels.replace(at, of_images.size(), of_labels);
    return is_there(labels) ? labels : "";
}

void attach(Explainer& explainer, Role role, const std::string& file) {
    switch (role) {
        case Role::data: return explainer.attach(load_data_set(file));
        case Role::strokes: return explainer.attach(Strokes(load_strokes(file)));
        case Role::statistics: return explainer.attach(std::make_shared<const Statistics>(read_file(file)));
        default: break;
    }
    Network network = load_onnx(file);
    try {
        explainer.attach(role, std::move(network));
    } catch (const Error& error) {
        fail(error.code(), "{}: {}", file, error.what());
    }
}

}  // namespace

std::string beside_model(const std::string& model, Role role) {
    const char* ending = is_network(role) ? "onnx" : "bin";
    return std::filesystem::path(model).replace_extension(fmt::format(".{}.{}", to_string(role), ending)).string();
}

void ResourceOptions::add_to(CLI::App& command) {
    command
        .add_option(
            "--with", with,
            "what the method needs beside the network, ROLE=FILE: patterns, generator, expert, second (.onnx), "
            "statistics, data (a folder with MNIST's files, IDX or .npy, labels behind a comma), strokes (JSON)")
        ->take_all();
}

void ResourceOptions::attach_to(Explainer& explainer, const std::string& model, const std::vector<Role>& needed) const {
    std::vector<Role> given;
    for (const std::string& assignment : with) {
        const std::size_t equals = assignment.find('=');
        if (equals == std::string::npos || equals + 1 == assignment.size())
            fail(ErrorCode::bad_argument, "--with {} is not ROLE=FILE, as in strokes=drawing.json", assignment);
        const Role role = parse_role(assignment.substr(0, equals));
        if (std::ranges::find(given, role) != given.end())
            fail(ErrorCode::bad_argument, "--with gives {} twice; one file has that role", to_string(role));
        attach(explainer, role, assignment.substr(equals + 1));
        given.push_back(role);
    }
    for (const Role role : needed) {
        const std::string file = beside_model(model, role);
        if (std::ranges::find(given, role) == given.end() && is_there(file)) attach(explainer, role, file);
    }
}

DataSet load_data_set(const std::string& place) {
    constexpr std::string_view test = "#test";
    const bool of_test = place.ends_with(test);
    const std::string folder = of_test ? place.substr(0, place.size() - test.size()) : place;
    if (std::filesystem::is_directory(folder))
        return DataSet(load_mnist(folder, of_test ? MnistPart::test : MnistPart::train));
    const std::size_t comma = place.find(',');
    if (comma != std::string::npos && !is_there(place))
        return load_images(place.substr(0, comma), place.substr(comma + 1));
    return load_images(place, labels_beside(place));
}

}  // namespace pellucid::cli
