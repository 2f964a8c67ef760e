#include "generate/documents.h"

#include "common/vecs.h"
#include "generate/random.h"

namespace bench {
namespace {

std::vector<std::string> split_sentences(const std::string &text) {
    std::vector<std::string> sentences;
    size_t begin = 0;
    for (size_t end = text.find(". "); end != std::string::npos; end = text.find(". ", begin)) {
        sentences.push_back(text.substr(begin, end + 1 - begin));
        begin = end + 2;
    }
    if (begin < text.size() || sentences.empty()) {
        sentences.push_back(text.substr(begin));
    }
    return sentences;
}

}  // namespace

Description parse_description(const std::string &line) {
    const size_t section = line.find('\t');
    const size_t text = section == std::string::npos ? section : line.find('\t', section + 1);
    if (text == std::string::npos) {
        die("a description is a name, a section and a text");
    }
    return {line.substr(0, section), split_sentences(line.substr(text + 1))};
}

std::string make_document(const std::vector<Description> &descriptions, uint64_t seed, size_t i) {
    Random random(seed, i);
    const Description &base = descriptions[random.bits() % descriptions.size()];
    const Description &other = descriptions[random.bits() % descriptions.size()];
    std::string document =
        base.name.substr(0, base.name.size() / 2) + other.name.substr(other.name.size() / 2);
    size_t next = 0;
    for (const std::string &sentence : base.sentences) {
        const bool replaced = random.uniform() < 0.5 && next < other.sentences.size();
        document += ' ';
        document += replaced ? other.sentences[next++] : sentence;
    }
    return document;
}

void write_documents(const std::vector<Description> &descriptions, uint64_t seed, size_t count,
                     std::ostream &out) {
    for (size_t i = 0; i < count; i++) {
        out << i << '\t' << make_document(descriptions, seed, i) << '\n';
    }
}

}  // namespace bench
