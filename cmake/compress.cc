// compress IN OUT   The size of IN as 8 bytes, least first, then its zstd frame.
#include <zstd.h>

#include <cstdint>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  std::ifstream in(argv[1], std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) {
    std::cerr << "cannot read " << argv[1] << "\n";
    return 1;
  }
  constexpr int kLevel = 19;
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  const size_t size = ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), kLevel);
  if (ZSTD_isError(size)) {
    std::cerr << argv[1] << ": " << ZSTD_getErrorName(size) << "\n";
    return 1;
  }
  std::ofstream out(argv[2], std::ios::binary);
  for (uint64_t rest = text.size(), i = 0; i < 8; ++i, rest >>= 8) out.put(static_cast<char>(rest & 0xFF));
  out.write(packed.data(), static_cast<std::streamsize>(size));
  return out.flush() ? 0 : 1;
}
