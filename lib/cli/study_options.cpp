#include "study_options.hpp"

#include "output.hpp"
#include "pellucid/data/file.hpp"
#include "pellucid/data/sha256.hpp"
#include "pellucid/error.hpp"
#include "progress.hpp"
#include "ranks.hpp"

namespace pellucid::cli {

void StudyOptions::add_to(CLI::App& command) {
    command.add_option("--shard", shard, "only this part of the work, as in 3/16; --merge puts the parts together");
    command.add_option("--out", out, "file that keeps finished work: the same command goes on from there");
    command.add_option("--merge", merge, "files of all shards: nothing is computed, they are put together")
        ->expected(1, 100000);
}

bool StudyOptions::in_parts() const { return !out.empty() || !shard.empty() || started_together() > 1; }

void StudyOptions::check() const {
    if (merges() && !(shard.empty() && out.empty()))
        fail(ErrorCode::bad_argument, "--merge puts finished shards together: it goes with neither --shard nor --out");
    if (!shard.empty()) {
        (void)study::parse_shard(shard);
        if (out.empty())
            fail(ErrorCode::bad_argument, "a shard's numbers need a file: --shard {} --out FILE is right", shard);
    }
}

std::optional<study::Finished> run_study(const StudyOptions& options, const std::string& label, std::string description,
                                         std::size_t chunks,
                                         const std::function<std::unique_ptr<study::Worker>()>& worker) {
    const Ranks ranks;
    study::Shard shard;
    std::string path = options.out;
    if (ranks.size() > 1) {
        if (!options.shard.empty())
            fail(ErrorCode::bad_argument, "--shard and mpirun both share the work out: one of them is right");
        shard = {ranks.rank() + 1, ranks.size()};
        if (!path.empty()) path += fmt::format(".{}-of-{}", shard.number, shard.of);
    } else if (!options.shard.empty()) {
        shard = study::parse_shard(options.shard);
    }
    study::Journal journal(path, std::move(description), chunks);
    watch_interrupt();
    bool whole = false;
    {
        ProgressBar bar(label);
        whole = study::do_chunks(
            journal, shard,
            {.worker = worker, .stopped = interrupted, .progress = [&](double done) { bar.show(done); }});
    }
    if (!whole) {
        const std::size_t done = journal.finished().numbers.size();
        if (path.empty()) fail(ErrorCode::cancelled, "stopped; with --out FILE what was done would have been kept");
        fail(ErrorCode::cancelled,
             "stopped; {} holds the {} chunks that are done, and the same command goes on from there", path, done);
    }
    if (ranks.size() > 1) return ranks.gathered(journal.finished());
    if (shard.whole()) return journal.finished();
    say(fmt::format("{} holds shard {} of {}; --merge with the files of all shards puts them together", path,
                    shard.number, shard.of));
    return std::nullopt;
}

std::string sha256_of_file(const std::string& path) { return sha256(read_file(path)); }

}  // namespace pellucid::cli
