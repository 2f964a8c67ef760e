// Makes vectors to measure with, and finds the true nearest rows of any.
//
//   generate mix   --rows N --queries N --dims N --seed N --out DIRECTORY [--threads N]
//                  writes base.fvecs and query.fvecs
//   generate nested  the same of vectors whose first elements say most: of 1024 the first 256 tell
//                  eight of the ten nearest rows
//   generate truth --metric l2|cosine --base FILE --query FILE --out FILE [--rows N] [--k N]
//                  [--threads N]
//                  the numbers of the k (100) nearest among the first N rows, as ivecs
//   generate texts --out DIRECTORY [--seed N] < LINES
//                  makes docs256 and words128 of texts, one a line
//   generate documents --rows N [--seed N] < DESCRIPTIONS
//                  prints documents made of descriptions, which are lines of name, section and text
//   generate sparse --rows N [--seed N] [--queries]
//                  prints sparse vectors, or queries for them
#include <algorithm>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "common/options.h"
#include "common/vecs.h"
#include "generate/documents.h"
#include "generate/mixture.h"
#include "generate/sparse.h"
#include "generate/texts.h"
#include "generate/truth.h"

namespace bench {
namespace {

size_t thread_count(const Options &options) {
    return options.count("threads", std::max(1U, std::thread::hardware_concurrency()));
}

// Rows first .. first + count - 1 of the mixture, made by several threads a chunk at a time.
void write_rows(const Mixture &mixture, size_t dims, uint64_t first, size_t count, size_t threads,
                const std::string &path) {
    constexpr size_t kChunk = 8192;
    std::vector<float> chunk(kChunk * dims);
    VecsWriter<float> writer(path);
    for (size_t done = 0; done < count; done += kChunk) {
        const size_t rows = std::min(kChunk, count - done);
        std::vector<std::thread> workers;
        for (size_t t = 0; t < threads; t++) {
            workers.emplace_back([&, t] {
                for (size_t i = t; i < rows; i += threads) {
                    mixture.row(first + done + i, chunk.data() + i * dims);
                }
            });
        }
        for (std::thread &worker : workers) {
            worker.join();
        }
        for (size_t i = 0; i < rows; i++) {
            writer.append(chunk.data() + i * dims, dims);
        }
    }
    writer.finish();
}

void make_mixture(const Options &options, MixtureShape shape) {
    shape.dims = options.count("dims", shape.dims);
    const Mixture mixture(shape, options.count("seed", 42));
    const std::string folder = options.text("out");
    const size_t threads = thread_count(options);
    write_rows(mixture, shape.dims, 0, options.count("rows", 200000), threads,
               folder + "/base.fvecs");
    write_rows(mixture, shape.dims, Mixture::kFirstQuery, options.count("queries", 1000), threads,
               folder + "/query.fvecs");
}

void find_truth(const Options &options) {
    const std::string name = options.text("metric");
    if (name != "l2" && name != "cosine") {
        die("--metric takes l2 or cosine");
    }
    Matrix<float> base = read_vecs<float>(options.text("base"), options.count("rows", SIZE_MAX));
    Matrix<float> queries = read_vecs<float>(options.text("query"));
    const Matrix<int32_t> nearest =
        nearest_rows(name == "l2" ? Metric::kL2 : Metric::kCosine, base, queries,
                     options.count("k", 100), thread_count(options));
    VecsWriter<int32_t> writer(options.text("out"));
    for (size_t q = 0; q < nearest.rows; q++) {
        writer.append(nearest.row(q), nearest.dims);
    }
    writer.finish();
}

void make_text_sets(const Options &options) {
    std::vector<std::string> texts;
    for (std::string line; std::getline(std::cin, line);) {
        texts.push_back(line);
    }
    write_text_sets(texts, options.count("seed", 42), options.text("out"));
}

void make_documents(const Options &options) {
    std::vector<Description> descriptions;
    for (std::string line; std::getline(std::cin, line);) {
        descriptions.push_back(parse_description(line));
    }
    if (descriptions.empty()) {
        die("there are no descriptions to make documents of");
    }
    write_documents(descriptions, options.count("seed", 42), options.count("rows", 200000),
                    std::cout);
}

void make_sparse(const Options &options) {
    const SparseShape shape;
    const SparseRows rows(shape, options.count("seed", 42));
    write_sparse(rows, shape, options.has("queries"), options.count("rows", 200000), std::cout);
}

}  // namespace
}  // namespace bench

int main(int argc, char **argv) {
    const std::string command = argc > 1 ? argv[1] : "";
    const bench::Options options(argc, argv, 2);
    if (command == "mix") {
        bench::make_mixture(options, {});
    } else if (command == "nested") {
        bench::MixtureShape shape;
        shape.dims = 1024;
        shape.decay = 0.25;
        bench::make_mixture(options, shape);
    } else if (command == "truth") {
        bench::find_truth(options);
    } else if (command == "texts") {
        bench::make_text_sets(options);
    } else if (command == "documents") {
        bench::make_documents(options);
    } else if (command == "sparse") {
        bench::make_sparse(options);
    } else {
        bench::die(
            "mix, nested, truth, texts, documents or sparse, and their options (see "
            "generate/main.cpp)");
    }
    return 0;
}
