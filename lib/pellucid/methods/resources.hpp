/// What methods need beside the network, by role: they ask here, and the command (`--with role=file`) and the package
/// (`attach`) put it here.
#pragma once

#include "pellucid/data/data_set.hpp"
#include "pellucid/data/drawing.hpp"
#include "pellucid/data/file.hpp"
#include "pellucid/methods/card.hpp"
#include "pellucid/nn/network.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>

namespace pellucid {

/// The strokes that an input was drawn with.
struct Strokes {
    explicit Strokes(Drawing drawn);
    /// With pictures of another shape, for networks that do not read 28 × 28 pixels: one for each pen stroke.
    Strokes(Drawing drawn, Tensor pictures);

    Drawing drawing;
    /// (S, H, W, 1), of a drawing alone 28 × 28: what each of the S pen strokes draws alone, ink 1 and paper 0, at its
    /// place in the input (see strokes_alone() in data/normalise.hpp).
    Tensor alone;
    /// Which of the drawing's strokes each is: erasers have no picture.
    std::vector<std::size_t> index;

    std::size_t count() const { return alone.shape()[0]; }
};

/// A file of statistics (methods/inside/statistics.hpp says what is in it), read once for all who ask.
class Statistics {
public:
    explicit Statistics(Bytes bytes) : bytes_(std::move(bytes)) {}
    const Bytes& bytes() const { return bytes_; }

    /// What `parse(bytes)` makes of it, a T; parsed at the first call. All calls must ask for the same T.
    template <typename T, typename Parse>
    const T& as(Parse parse) const {
        const std::lock_guard guard(lock_);
        if (parsed_ == nullptr) parsed_ = std::make_shared<const T>(parse(bytes_));
        return *static_cast<const T*>(parsed_.get());
    }

private:
    Bytes bytes_;
    mutable std::mutex lock_;
    mutable std::shared_ptr<const void> parsed_;
};

/// Copies share what they hold: a copy costs some pointers.
class Resources {
public:
    bool has(Role role) const;

    // Each throws Error(unsupported) that names the role and says how to give it, where it was not given.
    const Network& patterns() const { return network(Role::patterns); }
    const Network& generator() const { return network(Role::generator); }
    const Network& expert() const { return network(Role::expert); }
    const Network& second() const { return network(Role::second); }
    const DataSet& data() const;
    const Statistics& statistics() const;
    const Strokes& strokes() const;
    /// Of patterns, generator, expert or second. Whoever keeps a reference keeps the Resources as well.
    const Network& network(Role role) const;

    /// Throws Error(bad_argument) where the role is not a network's.
    void set(Role role, Network network);
    void set(DataSet data);
    void set(std::shared_ptr<const Statistics> statistics);
    void set(Strokes strokes);
    /// From a file's bytes: an ONNX file of a network, IDX images and labels (parse_data_set()), statistics. Strokes
    /// are no file: Error(bad_argument).
    void set(Role role, std::span<const std::byte> bytes);

    /// Forgets what has that role.
    void remove(Role role);

    /// Throws the error of who needs what was not given.
    void check_given(Role role, std::string_view who) const;
    /// Throws Error(bad_shape) where data are no inputs of this network, Error(bad_argument) where labels are no
    /// classes of it.
    void check_fits(const Network& network) const;

private:
    static std::size_t place(Role role);
    std::array<std::shared_ptr<const Network>, 4> networks_;
    std::shared_ptr<const DataSet> data_;
    std::shared_ptr<const Statistics> statistics_;
    std::shared_ptr<const Strokes> strokes_;

    friend class Explainer;
};

/// The role of that name. Throws Error(bad_argument) that lists the roles there are.
Role parse_role(std::string_view name);
/// Whether what has that role is a network.
bool is_network(Role role);

}  // namespace pellucid
