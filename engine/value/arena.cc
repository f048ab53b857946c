#include "engine/value/arena.h"

#include <algorithm>

namespace plimsoll {

namespace {
constexpr size_t kFirstBlock = 4 * 1024;
constexpr size_t kLargestBlock = 1024 * 1024;
}  // namespace

void* Arena::allocate_block(size_t size, size_t alignment) {
  // Blocks double up to a limit; something larger gets a block of its own, and the current one stays in use.
  const size_t wanted = size + alignment;
  const size_t regular = blocks_.empty() ? kFirstBlock : std::min(kLargestBlock, std::max(kFirstBlock, used_));
  const bool oversized = wanted > regular / 2 && !blocks_.empty();
  const size_t block_size = oversized ? wanted : std::max(regular, wanted);
  auto data = std::make_unique_for_overwrite<std::byte[]>(block_size);
  std::byte* start = data.get();
  blocks_.push_back({std::move(data), block_size});
  used_ += block_size;
  std::byte* result = start + (-reinterpret_cast<uintptr_t>(start) & (alignment - 1));
  if (!oversized) {
    next_ = result + size;
    end_ = start + block_size;
  }
  return result;
}

void Arena::reset() {
  if (blocks_.empty()) return;
  // The largest regular block, if there is one, so that after a few documents one block holds them all.
  const auto size = [](const Block& block) { return block.size > kLargestBlock ? 0 : block.size; };
  std::swap(blocks_.front(), *std::ranges::max_element(blocks_, {}, size));
  blocks_.resize(1);
  next_ = blocks_.front().data.get();
  end_ = next_ + blocks_.front().size;
  used_ = blocks_.front().size;
}

}  // namespace plimsoll
