#include "engine/policy/policy_files.h"

#include "engine/source/discover.h"
#include "engine/source/file.h"

namespace plimsoll::policy {

Result<std::vector<yaml::Document>> read_policy_files(const std::vector<std::string>& paths) {
  source::Discovery found = source::discover(paths, {});
  if (!found.errors.empty()) return std::unexpected(std::move(found.errors.front()));
  std::vector<yaml::Document> result;
  for (const source::SourceFile& source : found.files) {
    if (source.kind == source::SourceFile::Kind::kChart) {
      return std::unexpected(
          Error(ErrorCode::kUsage, "is a Helm chart, not a folder of policies").in_file(source.name));
    }
    PLIMSOLL_ASSIGN_OR_RETURN(const auto file, source.kind == source::SourceFile::Kind::kStdin
                                                   ? source::read_stdin()
                                                   : source::read_file(source.path, source.name));
    PLIMSOLL_ASSIGN_OR_RETURN(const auto documents, yaml::read_stream(file->text(), {.file = source.name}));
    result.insert(result.end(), documents.begin(), documents.end());
  }
  return result;
}

}  // namespace plimsoll::policy
