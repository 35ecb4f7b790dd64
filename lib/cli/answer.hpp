/// What `explain` makes of the portions that a method answers: figures, files, pictures.
#pragma once

#include "pellucid/data/npy.hpp"
#include "pellucid/methods/method.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace pellucid::cli {

/// A folder that is made, with those above it, and unmade again where nothing was kept in it.
class Folder {
public:
    explicit Folder(const std::string& path);
    ~Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
    std::vector<std::filesystem::path> made_;  ///< from the outermost on
};

/// Takes portions in order. Maps go to their files as they come, so that memory does not grow with the number of
/// inputs; the files get their names when all is there (keep()), the pictures after that.
class Answer {
public:
    /// `out`: a folder, or "" where only figures are wanted. `inputs`: how many will come, of what rank.
    Answer(const Card& card, std::string out, std::size_t inputs, int rank);

    /// Error(bad_argument) where the answer for an input is not finite.
    void take(Result portion);

    /// All that was taken, as one result whose maps have no samples: those are in the files.
    const Result& figures();
    const std::shared_ptr<const Layerwise>& layerwise() const { return layerwise_; }

    /// Puts result.npy, what is beside it and the layers in their places.
    void keep();
    /// Draws what was kept; false where it was interrupted.
    bool draw_pictures() const;

private:
    struct Maps {
        std::string name;
        MapKind kind;
        std::unique_ptr<NpyWriter> file;
    };
    /// What the method was asked for is named "result", whatever the method calls it.
    std::string file_name(std::string_view output) const;
    void write(std::size_t at, const std::string& name, MapKind kind, const Tensor& images);
    void write_numbers();

    const Card& card_;
    std::string out_;
    std::size_t inputs_;
    int rank_;
    std::unique_ptr<Folder> folder_;
    std::vector<Maps> maps_;
    std::size_t done_ = 0;
    std::vector<Result> portions_;
    std::shared_ptr<const Layerwise> layerwise_;
};

}  // namespace pellucid::cli
