#include "pellucid/methods/resources.hpp"

#include "pellucid/data/normalise.hpp"
#include "pellucid/error.hpp"
#include "pellucid/nn/onnx.hpp"

#include <algorithm>

namespace pellucid {

namespace {

/// What it is, for who does not have it.
const char* described(Role role) {
    switch (role) {
        case Role::patterns:
            return "patterns of the network (`pellucid patterns --model MODEL.onnx` makes them from its training "
                   "images)";
        case Role::generator: return "a generator, a network that makes images of codes";
        case Role::expert: return "an expert, a network that says how likely an image is";
        case Role::statistics: return "statistics of the network (`pellucid statistics` makes them from images)";
        case Role::data: return "data, images with their labels";
        case Role::strokes: return "the strokes that the input was drawn with";
        case Role::second: return "a second network to compare with";
    }
    return "";
}

[[noreturn]] void fail_missing(Role role, std::string_view who) {
    fail(ErrorCode::unsupported,
         "{} needs {}, and none were given: --with {}=FILE gives them to the command, attach('{}', …) to the package",
         who, described(role), to_string(role), to_string(role));
}

constexpr const char* somebody = "this";

}  // namespace

Strokes::Strokes(Drawing drawn) : Strokes(drawn, strokes_alone(drawn)) {}

Strokes::Strokes(Drawing drawn, Tensor pictures) : drawing(std::move(drawn)), alone(std::move(pictures)) {
    for (std::size_t i = 0; i < drawing.strokes.size(); ++i) {
        if (!drawing.strokes[i].eraser) index.push_back(i);
    }
    if (index.size() != count()) {
        fail(ErrorCode::bad_argument, "there are {} pictures of {} pen strokes; each stroke has one", count(),
             index.size());
    }
}

Role parse_role(std::string_view name) {
    std::vector<std::string> names;
    for (const Role role : all_roles()) {
        if (name == to_string(role)) return role;
        names.emplace_back(to_string(role));
    }
    fail(ErrorCode::bad_argument, "there is no role '{}'; there are {}", name, comma_separated(names));
}

bool is_network(Role role) {
    return role == Role::patterns || role == Role::generator || role == Role::expert || role == Role::second;
}

std::size_t Resources::place(Role role) {
    switch (role) {
        case Role::patterns: return 0;
        case Role::generator: return 1;
        case Role::expert: return 2;
        case Role::second: return 3;
        default: fail(ErrorCode::bad_argument, "what has the role '{}' is no network", to_string(role));
    }
}

bool Resources::has(Role role) const {
    switch (role) {
        case Role::data: return data_ != nullptr;
        case Role::statistics: return statistics_ != nullptr;
        case Role::strokes: return strokes_ != nullptr;
        default: return networks_[place(role)] != nullptr;
    }
}

void Resources::check_given(Role role, std::string_view who) const {
    if (!has(role)) fail_missing(role, who);
}

const Network& Resources::network(Role role) const {
    const auto& network = networks_[place(role)];
    if (network == nullptr) fail_missing(role, somebody);
    return *network;
}

const DataSet& Resources::data() const {
    if (data_ == nullptr) fail_missing(Role::data, somebody);
    return *data_;
}

const Statistics& Resources::statistics() const {
    if (statistics_ == nullptr) fail_missing(Role::statistics, somebody);
    return *statistics_;
}

const Strokes& Resources::strokes() const {
    if (strokes_ == nullptr) fail_missing(Role::strokes, somebody);
    return *strokes_;
}

void Resources::set(Role role, Network network) {
    networks_[place(role)] = std::make_shared<const Network>(std::move(network));
}

void Resources::set(DataSet data) { data_ = std::make_shared<const DataSet>(std::move(data)); }

void Resources::set(std::shared_ptr<const Statistics> statistics) { statistics_ = std::move(statistics); }

void Resources::set(Strokes strokes) { strokes_ = std::make_shared<const Strokes>(std::move(strokes)); }

void Resources::set(Role role, std::span<const std::byte> bytes) {
    const std::span<const std::uint8_t> plain(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    if (is_network(role)) return set(role, read_onnx(bytes));
    if (role == Role::data) return set(parse_data_set(plain, "the data"));
    if (role == Role::statistics) return set(std::make_shared<const Statistics>(Bytes(plain.begin(), plain.end())));
    fail(ErrorCode::bad_argument, "strokes come as a drawing, not as a file's bytes");
}

void Resources::remove(Role role) {
    switch (role) {
        case Role::data: return data_.reset();
        case Role::statistics: return statistics_.reset();
        case Role::strokes: return strokes_.reset();
        default: return networks_[place(role)].reset();
    }
}

void Resources::check_fits(const Network& network) const {
    if (data_ == nullptr) return;
    const Shape& wanted = network.input_shape();
    const Shape& shape = data_->shape();
    if (data_->size() == 0 || Shape(with_batch(shape, 1)) != with_batch(wanted, 1)) {
        fail(ErrorCode::bad_shape,
             "the data have shape {} (images, rows, columns, channels); the network reads (N, {}, {}, {})",
             to_string(shape), wanted[1], wanted[2], wanted[3]);
    }
    const auto& labels = data_->labels();
    const std::size_t classes = std::max<std::size_t>(network.classes(), 2);
    const auto wrong = std::ranges::find_if(labels, [&](std::size_t label) { return label >= classes; });
    if (wrong != labels.end()) {
        fail(ErrorCode::bad_argument, "the data's label {} is {}; the network tells apart {} classes, counted from 0",
             wrong - labels.begin(), *wrong, classes);
    }
}

}  // namespace pellucid
