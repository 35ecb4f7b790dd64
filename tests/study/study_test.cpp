/// Studies: shards, files of finished chunks, and their merging give one answer however the work was shared.
#include "pellucid/data/file.hpp"
#include "pellucid/error.hpp"
#include "pellucid/parallel.hpp"
#include "pellucid/study/judge.hpp"
#include "pellucid/study/shard.hpp"
#include "support/random_network.hpp"
#include "support/random_tensor.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <memory>

using namespace pellucid;

#ifndef __EMSCRIPTEN__

namespace {

class Folder {
public:
    Folder() : path_(std::filesystem::temp_directory_path() / ("pellucid_study_" + std::to_string(::getpid()))) {
        std::filesystem::create_directories(path_);
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    std::string file(const std::string& name) const { return (path_ / name).string(); }

private:
    std::filesystem::path path_;
};

class Squares final : public study::Worker {
public:
    study::Numbers compute(std::size_t chunk) override {
        ++computed;
        return study::Numbers(chunk + 1, static_cast<double>(chunk * chunk) + 0.1);
    }
    static inline std::size_t computed = 0;
};

study::Work squares() {
    return {.worker = [] { return std::make_unique<Squares>(); }};
}

}  // namespace

TEST_CASE("study: shards in files, merged in any order, are what one process computes") {
    const Folder folder;
    study::Journal whole("", "a study", 11);
    CHECK(study::do_chunks(whole, {}, squares()));
    std::vector<std::string> files;
    for (std::size_t shard = 4; shard > 0; --shard) {
        files.push_back(folder.file("shard" + std::to_string(shard)));
        study::Journal part(files.back(), "a study", 11);
        CHECK(study::do_chunks(part, {shard, 4}, squares()));
    }
    CHECK(study::merged(files).numbers == whole.finished().numbers);
    std::swap(files[0], files[2]);
    CHECK(study::merged(files).numbers == whole.finished().numbers);
    const std::vector<std::string> doubled{files[0], files[1], files[2], files[3], files[1]};
    CHECK_THROWS_WITH_AS(study::merged(doubled), doctest::Contains("both hold chunk"), Error);
    const std::vector<std::string> short_of_one{files[0], files[1], files[3]};
    CHECK_THROWS_WITH_AS(study::merged(short_of_one), doctest::Contains("missing"), Error);
    CHECK_THROWS_WITH_AS(study::merged({}), doctest::Contains("nothing to merge"), Error);
    study::Journal other(folder.file("other"), "another study", 11);
    const std::vector<std::string> mixed{files[0], folder.file("other")};
    CHECK_THROWS_WITH_AS(study::merged(mixed), doctest::Contains("different studies"), Error);
}

TEST_CASE("study: what a killed process left is gone on with, a half written chunk is done again") {
    const Folder folder;
    const std::string path = folder.file("journal");
    std::size_t done = 0;
    {
        study::Journal journal(path, "a study", 7);
        study::Work work = squares();
        work.progress = [&](double) { ++done; };
        work.stopped = [&] { return done == 3; };
        CHECK(!study::do_chunks(journal, {}, work));
        CHECK_THROWS_WITH_AS(study::Journal(path, "a study", 7), doctest::Contains("another process"), Error);
    }
    const Bytes bytes = read_file(path);
    for (const std::size_t cut : {1UL, 9UL, 20UL}) {
        write_file(path, std::span(bytes).first(bytes.size() - cut));
        Squares::computed = 0;
        study::Journal journal(path, "a study", 7);
        CHECK(journal.finished().numbers.size() == 2);
        CHECK(study::do_chunks(journal, {}, squares()));
        CHECK(Squares::computed == 5);
        CHECK(journal.finished().numbers.at(6) == study::Numbers(7, 36.1));
    }
    CHECK(study::merged({path}).numbers.size() == 7);
    write_file(path, std::span(bytes).first(20));
    CHECK_NOTHROW(study::Journal(path, "a study", 7));
    CHECK_THROWS_WITH_AS(study::Journal(path, "another", 7), doctest::Contains("another study"), Error);
    write_file(path, Bytes(100, 'x'));
    CHECK_THROWS_WITH_AS(study::Journal(path, "a study", 7), doctest::Contains("holds no chunks"), Error);
}

TEST_CASE("study: shards are told as NUMBER/OF") {
    CHECK(study::parse_shard("3/16").number == 3);
    CHECK(study::parse_shard("3/16").of == 16);
    for (const char* wrong : {"", "3", "0/4", "5/4", "1/0", "a/b", "1/2/3", "-1/2", "1/ 2"})
        CHECK_THROWS_WITH_AS(study::parse_shard(wrong), doctest::Contains("NUMBER/OF"), Error);
}

TEST_CASE("judge: lists of methods with parameters") {
    const auto list = study::parse_settings_list("lrp:composite=gamma,gamma=0.1,gradient,lrp");
    REQUIRE(list.size() == 3);
    CHECK(list[0].params == "composite=gamma,gamma=0.1");
    CHECK(list[1].text() == "gradient");
    for (const char* wrong : {"", ",", "gradient,", "a=b", "gradient,gradient"})
        CHECK_THROWS_AS(study::parse_settings_list(wrong), Error);
}

TEST_CASE("judge: means and intervals of known numbers") {
    const std::vector<double> numbers{1, 2, std::nan(""), 3};
    const study::Summary summary = study::summary_of(numbers);
    CHECK(summary.images == 3);
    CHECK(summary.mean == doctest::Approx(2.0));
    CHECK(summary.deviation == doctest::Approx(1.0));
    CHECK(summary.high == doctest::Approx(2.0 + 1.959964 / std::sqrt(3.0)).epsilon(1e-6));
}

TEST_CASE("judge: the same league for one thread, two, and shards; a number is what the metric alone says") {
    const Network network = test::random_network(1);
    Random random(3);
    const Tensor images = test::random_tensor(with_batch(network.input_shape(), 47), random);
    const study::JudgedImages data{
        images.shape()[0], [&](std::size_t first, std::size_t count) { return batch_slice(images, first, count); },
        "noise", "0"};
    Explainer explainer(network);
    const study::JudgePlan plan(
        explainer,
        {.methods = study::parse_settings_list("gradient,lrp:composite=epsilon,pattern_net"),
         .metrics = study::parse_settings_list("deletion:steps=5,sparseness,max_sensitivity:samples=2"),
         .target = "class:1",
         .model = "m",
         .model_sha256 = "0",
         .range = "0,1"},
        data);
    struct Judge final : study::Worker {
        Judge(const Network& of, const study::JudgePlan& with) : explainer(of), plan(with) {}
        study::Numbers compute(std::size_t chunk) override { return plan.compute(explainer, chunk); }
        Explainer explainer;
        const study::JudgePlan& plan;
    };
    const study::Work work{.worker = [&] { return std::make_unique<Judge>(network, plan); }};
    std::vector<std::string> leagues;
    for (const std::size_t threads : {1UL, 3UL}) {
        set_thread_limit(threads);
        study::Journal journal("", plan.description(), plan.chunks());
        CHECK(study::do_chunks(journal, {}, work));
        leagues.push_back(study::league(journal.finished()));
    }
    set_thread_limit(0);
    const Folder folder;
    std::vector<std::string> files;
    for (std::size_t shard = 2; shard > 0; --shard) {
        files.push_back(folder.file("judge" + std::to_string(shard)));
        study::Journal part(files.back(), plan.description(), plan.chunks());
        CHECK(study::do_chunks(part, {shard, 2}, work));
    }
    leagues.push_back(study::league(study::merged(files)));
    CHECK(leagues[0] == leagues[1]);
    CHECK(leagues[0] == leagues[2]);
    CHECK(leagues[0].find("\"left_out\": [") != std::string::npos);
    CHECK(leagues[0].find("pattern_net") != std::string::npos);
    // The first column is deletion's area by the gradient.
    const Method& deletion = find_method("deletion");
    Params params(deletion.card);
    params.set("method", std::string_view("gradient"));
    params.set("steps", std::string_view("5"));
    const double alone =
        explain(deletion, {explainer, batch_slice(images, 21, 1), Target::of_class(1), params}).scalar("area")[0];
    CHECK(plan.compute(explainer, 1)[plan.columns().size()] == doctest::Approx(alone).epsilon(1e-5));
}

#endif
