/// --shard, --out and --merge: how commands that work over data sets share the work out.
#pragma once

#include "pellucid/study/shard.hpp"

#include <CLI/CLI.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pellucid::cli {

struct StudyOptions {
    std::string shard, out;
    std::vector<std::string> merge;

    void add_to(CLI::App& command);
    bool merges() const { return !merge.empty(); }
    /// Whether there is a file to keep, or others to share with.
    bool in_parts() const;
    /// Throws Error(bad_argument) where options do not go together.
    void check() const;
};

/// Does the work: alone, as a shard, or as a rank of mpirun. Nothing where this process is not the one that has it all
/// (a shard, a rank that is not the first); it has said so then.
/// Throws Error(cancelled) where it was interrupted; what was done is in the file.
std::optional<study::Finished> run_study(const StudyOptions& options, const std::string& label, std::string description,
                                         std::size_t chunks,
                                         const std::function<std::unique_ptr<study::Worker>()>& worker);

/// A file's SHA-256, for descriptions.
std::string sha256_of_file(const std::string& path);

}  // namespace pellucid::cli
