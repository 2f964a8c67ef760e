// Sets of vectors made of texts by latent semantic analysis (Deerwester et al., JASIS 41 (1990)):
// the singular value decomposition of what words each text has.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bench {

// Writes base.fvecs and query.fvecs to two folders of `folder`: docs256 with a row for each text
// and words128 with a row for each word, all of length 1 and in random order. Queries are 1000 rows
// that the base does not have.
void write_text_sets(const std::vector<std::string> &texts, uint64_t seed,
                     const std::string &folder);

}  // namespace bench
