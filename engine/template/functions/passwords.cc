#include "engine/template/functions/passwords.h"

#include <crypt.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <span>

#include "engine/template/functions/encodings.h"
#include "engine/template/functions/families.h"
#include "engine/value/base64.h"

namespace plimsoll::tmpl {
namespace {

constexpr size_t kBlock = 16;
using Key = std::array<unsigned char, 32>;

std::unexpected<Error> go_failure(std::string message) { return fail(ErrorCode::kEvaluation, std::move(message)); }

unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

Key aes_key(std::string_view password) {
  Key key{};
  std::memcpy(key.data(), password.data(), std::min(password.size(), key.size()));
  return key;
}

// `data` is a whole number of blocks.
std::string run_aes(bool encrypt, const Key& key, std::string_view first_block, std::string_view data) {
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  std::string out(data.size() + kBlock, '\0');
  int size = 0;
  int rest = 0;
  EVP_CipherInit_ex(cipher.get(), EVP_aes_256_cbc(), nullptr, key.data(), bytes_of(first_block), encrypt ? 1 : 0);
  EVP_CIPHER_CTX_set_padding(cipher.get(), 0);
  EVP_CipherUpdate(cipher.get(), bytes_of(out), &size, bytes_of(data), static_cast<int>(data.size()));
  EVP_CipherFinal_ex(cipher.get(), bytes_of(out) + size, &rest);
  out.resize(static_cast<size_t>(size + rest));
  return out;
}

void append_length(std::string& out, size_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xFF);
}

// Shapes of passwords: each letter stands for a class of characters.
struct Shapes {
  std::string_view type;
  std::span<const std::string_view> shapes;
};
constexpr std::string_view kMaximum[] = {"anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"};
constexpr std::string_view kLong[] = {
    "CvcvnoCvcvCvcv", "CvcvCvcvnoCvcv", "CvcvCvcvCvcvno", "CvccnoCvcvCvcv", "CvccCvcvnoCvcv", "CvccCvcvCvcvno",
    "CvcvnoCvccCvcv", "CvcvCvccnoCvcv", "CvcvCvccCvcvno", "CvcvnoCvcvCvcc", "CvcvCvcvnoCvcc", "CvcvCvcvCvccno",
    "CvccnoCvccCvcv", "CvccCvccnoCvcv", "CvccCvccCvcvno", "CvcvnoCvccCvcc", "CvcvCvccnoCvcc", "CvcvCvccCvccno",
    "CvccnoCvcvCvcc", "CvccCvcvnoCvcc", "CvccCvcvCvccno"};
constexpr std::string_view kMedium[] = {"CvcnoCvc", "CvcCvcno"};
constexpr std::string_view kShort[] = {"Cvcn"};
constexpr std::string_view kBasic[] = {"aaanaaan", "aannaaan", "aaannaaa"};
constexpr std::string_view kPin[] = {"nnnn"};
constexpr Shapes kShapes[] = {{"maximum", kMaximum}, {"long", kLong},   {"medium", kMedium},
                              {"short", kShort},     {"basic", kBasic}, {"pin", kPin}};

std::string_view characters(char shape) {
  switch (shape) {
    case 'V': return "AEIOU";
    case 'C': return "BCDFGHJKLMNPQRSTVWXYZ";
    case 'v': return "aeiou";
    case 'c': return "bcdfghjklmnpqrstvwxyz";
    case 'A': return "AEIOUBCDFGHJKLMNPQRSTVWXYZ";
    case 'a': return "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";
    case 'n': return "0123456789";
    case 'o': return "@&%?,=[]_:-+*$#!'^~;()/.";
    default: return "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()";
  }
}

}  // namespace

Result<std::string> hash_bcrypt(Host& host, std::string_view password) {
  if (password.size() > 72) return go_failure("bcrypt: password length exceeds 72 bytes");
  std::array<uint8_t, 16> salt{};
  host.random_bytes(salt);
  char setting[CRYPT_GENSALT_OUTPUT_SIZE];
  const bool set = crypt_gensalt_rn("$2a$", 10, reinterpret_cast<const char*>(salt.data()), static_cast<int>(salt.size()),
                                    setting, sizeof(setting)) != nullptr;
  const auto work = std::make_unique<crypt_data>();
  const char* const hash = set ? crypt_r(std::string(password).c_str(), setting, work.get()) : nullptr;
  if (hash == nullptr || hash[0] == '*') return fail(ErrorCode::kInternal, "bcrypt is not available");
  return std::string(hash);
}

std::string derive_password(uint32_t counter, std::string_view type, std::string_view password, std::string_view user,
                            std::string_view site) {
  const auto found = std::find_if(std::begin(kShapes), std::end(kShapes), [&](const Shapes& s) { return s.type == type; });
  if (found == std::end(kShapes)) return "cannot find password template " + std::string(type);

  constexpr std::string_view kSeed = "com.lyndir.masterpassword";
  std::string salt(kSeed);
  append_length(salt, user.size());
  salt += user;
  std::array<unsigned char, 64> key{};
  constexpr uint64_t kMemory = 128UL << 20;
  EVP_PBE_scrypt(password.data(), password.size(), bytes_of(std::string_view(salt)), salt.size(), 32'768, 8, 2, kMemory,
                 key.data(), key.size());

  std::string message(kSeed);
  append_length(message, site.size());
  message += site;
  append_length(message, counter);
  std::array<unsigned char, 32> seed{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(std::string_view(message)), message.size(),
       seed.data(), &size);

  const std::string_view shape = found->shapes[seed[0] % found->shapes.size()];
  std::string out;
  for (size_t i = 0; i < shape.size(); ++i) {
    const std::string_view choice = characters(shape[i]);
    out += choice[seed[i + 1] % choice.size()];
  }
  return out;
}

Result<std::string> encrypt_aes(Host& host, std::string_view password, std::string_view text) {
  if (text.empty()) return std::string();
  const size_t padding = kBlock - text.size() % kBlock;
  std::string content(text);
  content.append(padding, static_cast<char>(padding));
  std::string first_block(kBlock, '\0');
  host.random_bytes({bytes_of(first_block), first_block.size()});
  return base64::encode(first_block + run_aes(true, aes_key(password), first_block, content));
}

Result<std::string> decrypt_aes(std::string_view password, std::string_view encrypted) {
  if (encrypted.empty()) return std::string();
  PLIMSOLL_ASSIGN_OR_RETURN(const std::string data, decode_base64(encrypted));
  if (data.size() < kBlock) {
    // Go slices the buffer that it decoded into, whose capacity is that of the encoded text.
    const size_t capacity = encrypted.size() / 4 * 3;
    if (capacity < kBlock) {
      return go_failure("runtime error: slice bounds out of range [:16] with capacity " + std::to_string(capacity));
    }
    return go_failure("runtime error: slice bounds out of range [16:" + std::to_string(data.size()) + "]");
  }
  const std::string_view content = std::string_view(data).substr(kBlock);
  if (content.size() % kBlock != 0) return go_failure("crypto/cipher: input not full blocks");
  if (content.empty()) return go_failure("runtime error: index out of range [-1]");
  std::string text = run_aes(false, aes_key(password), std::string_view(data).substr(0, kBlock), content);
  const auto padding = static_cast<int64_t>(static_cast<unsigned char>(text.back()));
  const int64_t size = static_cast<int64_t>(text.size()) - padding;
  if (size < 0) return go_failure("runtime error: slice bounds out of range [:" + std::to_string(size) + "]");
  text.resize(static_cast<size_t>(size));
  return text;
}

namespace {

using Args = std::span<const Value>;

std::string bcrypt_text(Host& host, std::string_view password) {
  const Result<std::string> hash = hash_bcrypt(host, password);
  return hash ? *hash : "failed to encrypt string with bcrypt: " + hash.error().message();
}

// Costly functions are charged as what they take, so that a loop over them meets the budget.
constexpr uint64_t kHashSteps = 1'000'000;

Result<Value> bcrypt(CallContext& context, Args args) {
  PLIMSOLL_RETURN_IF_ERROR(charge(context, kHashSteps));
  return context.text(bcrypt_text(context.host, args[0].as_string()));
}

Result<Value> htpasswd(CallContext& context, Args args) {
  const std::string user(args[0].as_string());
  if (user.find(':') != std::string::npos) return context.text("invalid username: " + user);
  PLIMSOLL_RETURN_IF_ERROR(charge(context, kHashSteps));
  return context.text(user + ':' + bcrypt_text(context.host, args[1].as_string()));
}

Result<Value> derive_password_function(CallContext& context, Args args) {
  PLIMSOLL_RETURN_IF_ERROR(charge(context, kHashSteps));
  return context.text(derive_password(static_cast<uint32_t>(args[0].as_uint()), args[1].as_string(), args[2].as_string(),
                                      args[3].as_string(), args[4].as_string()));
}

Result<Value> encrypt_aes_function(CallContext& context, Args args) {
  PLIMSOLL_RETURN_IF_ERROR(check_room(context, 2 * args[1].size()));
  PLIMSOLL_ASSIGN_OR_RETURN(const std::string text, encrypt_aes(context.host, args[0].as_string(), args[1].as_string()));
  return context.text(text);
}

Result<Value> decrypt_aes_function(CallContext& context, Args args) {
  PLIMSOLL_RETURN_IF_ERROR(check_room(context, args[1].size()));
  PLIMSOLL_ASSIGN_OR_RETURN(const std::string text, decrypt_aes(args[0].as_string(), args[1].as_string()));
  return context.text(text);
}

constexpr Function kFunctions[] = {
    {"bcrypt", "(string) string", "The bcrypt hash of a password.", bcrypt},
    {"htpasswd", "(string, string) string", "A line of an htpasswd file: user and bcrypt hash.", htpasswd},
    {"derivePassword", "(uint32, string, string, string, string) string", "A password from counter, type, master password, user and site.", derive_password_function},
    {"encryptAES", "(string, string) (string, error)", "Text encrypted with a password, in base64.", encrypt_aes_function},
    {"decryptAES", "(string, string) (string, error)", "What encryptAES encrypted.", decrypt_aes_function},
};

}  // namespace

FunctionFamily crypto_functions() { return kFunctions; }

}  // namespace plimsoll::tmpl
