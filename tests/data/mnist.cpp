#include "pellucid/data/mnist.hpp"

#include "support.hpp"

#include "pellucid/data/file.hpp"
#include "pellucid/data/normalise.hpp"
#include "pellucid/data/sha256.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace pellucid;
using namespace pellucid::test;

TEST_CASE("sha256: the examples of FIPS 180-4 and the edges of its padding") {
    CHECK(sha256({}) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(sha256(bytes_of("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(sha256(bytes_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")) ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    // 55 bytes leave just room for the length, 64 fill a block: sums as coreutils' sha256sum prints them.
    CHECK(sha256(bytes_of(std::string(55, 'a'))) == "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
    CHECK(sha256(bytes_of(std::string(64, 'a'))) == "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
}

TEST_CASE("mnist: the directory is the option, then the variable") {
    CHECK(mnist_directory("/somewhere") == "/somewhere");
    const char* variable = std::getenv("PELLUCID_MNIST_DIR");
    CHECK(mnist_directory() == (variable != nullptr ? variable : ""));
}

TEST_CASE("mnist: missing and wrong files are named") {
    check_fails(ErrorCode::bad_argument, {"PELLUCID_MNIST_DIR"}, [] { load_mnist("", MnistPart::test); });

    const TemporaryDirectory directory;
    CHECK_FALSE(has_mnist(directory.path()));
    check_fails(ErrorCode::bad_file, {directory.path(), "t10k-images-idx3-ubyte.gz"},
                [&] { load_mnist(directory.path(), MnistPart::test); });

    const std::vector<std::uint8_t> one_image = {0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0};
    const std::vector<std::uint8_t> one_label = {0, 0, 8, 1, 0, 0, 0, 1, 7};
    for (const MnistFile& file : mnist_files()) {
        CHECK(find_mnist_file(directory.path(), file.name).empty());
        const bool labels = file.name.find("labels") != std::string_view::npos;
        write_file(directory / std::string(file.name), labels ? one_label : one_image);
    }
    CHECK(has_mnist(directory.path()));
    check_fails(ErrorCode::bad_file, {"train-images-idx3-ubyte", "1 images of 1×1", "60000"},
                [&] { load_mnist(directory.path(), MnistPart::train); });
    check_fails(ErrorCode::bad_file, {"train-images-idx3-ubyte", "sha256", "ba891046"},
                [&] { verify_mnist(directory.path()); });
}

#ifdef PELLUCID_HAS_ZLIB

namespace {

/// The directory of the real files, or "" with a message that says what is left out.
std::string real_mnist() {
    const std::string directory = mnist_directory();
    if (directory.empty()) MESSAGE("skipped: needs MNIST, and PELLUCID_MNIST_DIR is not set");
    return directory;
}

}  // namespace

TEST_CASE("mnist: the real files are what they should be") {
    const std::string directory = real_mnist();
    if (directory.empty()) return;
    REQUIRE_NOTHROW(verify_mnist(directory));

    const LabelledImages train = load_mnist(directory, MnistPart::train);
    const double sum = std::accumulate(train.images.pixels.begin(), train.images.pixels.end(), 0.0);
    CHECK(sum / 255.0 / static_cast<double>(train.images.pixels.size()) == doctest::Approx(0.1307).epsilon(0.001));
    CHECK(train.labels[0] == 5);
    CHECK(std::ranges::count(train.labels, 1) == 6742);
    CHECK(load_mnist(directory, MnistPart::test).labels[0] == 7);
}

TEST_CASE("mnist: its images follow the rules that normalise() follows") {
    const std::string directory = real_mnist();
    if (directory.empty()) return;
    const ByteImages images = load_mnist(directory, MnistPart::test).images;
    int longer_side_is_20 = 0;
    int centred = 0;
    double difference = 0.0;
    for (std::size_t n = 0; n < images.count; ++n) {
        const Tensor image = to_tensor(images, n, 1);
        int box[4] = {28, -1, 28, -1};
        double mass = 0.0;
        double moments[2] = {0.0, 0.0};
        for (int r = 0; r < 28; ++r) {
            for (int c = 0; c < 28; ++c) {
                const double ink = image(0, r, c, 0);
                if (ink > 0.0) {
                    box[0] = std::min(box[0], r);
                    box[1] = std::max(box[1], r);
                    box[2] = std::min(box[2], c);
                    box[3] = std::max(box[3], c);
                }
                mass += ink;
                moments[0] += ink * r;
                moments[1] += ink * c;
            }
        }
        longer_side_is_20 += std::max(box[1] - box[0], box[3] - box[2]) + 1 == 20 ? 1 : 0;
        centred += std::lround(moments[0] / mass) == 14 && std::lround(moments[1] / mass) == 14 ? 1 : 0;
        // An image that was normalised once is hardly moved by being normalised again.
        if (n < 500) {
            const Tensor again = normalise(image).image;
            for (std::size_t i = 0; i < again.size(); ++i)
                difference += std::abs(again.data()[i] - image.data()[i]) / 784.0 / 500.0;
        }
    }
    CHECK(longer_side_is_20 >= 9990);
    CHECK(centred >= 9990);
    CHECK(difference < 0.02);
    MESSAGE("mean difference after normalising MNIST again: " << difference);
}

#endif
