// Documents in any number, made of the descriptions of packages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace bench {

struct Description {
    std::string name;
    std::vector<std::string> sentences;
};

// A line is a name, a section and a text, with tabs between them.
Description parse_description(const std::string &line);

// Document i is a description of which about every second sentence is replaced by one of another
// description, so that texts are as long as they were, words are as frequent, and those that occur
// together do so again. Its name is the first half of one name and the second half of another, so
// that there are new words however many documents there are. It does not depend on how many
// documents are made.
std::string make_document(const std::vector<Description> &descriptions, uint64_t seed, size_t i);

// Lines of a number, a tab and a document, as COPY reads them.
void write_documents(const std::vector<Description> &descriptions, uint64_t seed, size_t count,
                     std::ostream &out);

}  // namespace bench
