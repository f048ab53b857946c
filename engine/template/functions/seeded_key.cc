#include "engine/template/functions/seeded_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <memory>

#include "engine/template/functions/der.h"

namespace plimsoll::tmpl {
namespace {

struct Free {
  void operator()(BIGNUM* number) const { BN_clear_free(number); }
  void operator()(BN_CTX* context) const { BN_CTX_free(context); }
  void operator()(EC_GROUP* group) const { EC_GROUP_free(group); }
  void operator()(EC_POINT* point) const { EC_POINT_free(point); }
};
using Number = std::unique_ptr<BIGNUM, Free>;
using Context = std::unique_ptr<BN_CTX, Free>;

Number make_number() { return Number(BN_new()); }

std::string bytes_of(const BIGNUM* number, int size = 0) {
  std::string out(static_cast<size_t>(size == 0 ? BN_num_bytes(number) : size), '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size()));
  return out;
}

Number number_from(std::string_view bytes) {
  return Number(BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()), nullptr));
}

Number random_number(Host& host, int bits) {
  std::string bytes(static_cast<size_t>((bits + 7) / 8), '\0');
  host.random_bytes({reinterpret_cast<uint8_t*>(bytes.data()), bytes.size()});
  Number number = number_from(bytes);
  BN_mask_bits(number.get(), bits);
  return number;
}

// In [1, order - 1].
Number random_scalar(Host& host, const BIGNUM* order) {
  while (true) {
    Number scalar = random_number(host, BN_num_bits(order));
    if (!BN_is_zero(scalar.get()) && BN_cmp(scalar.get(), order) < 0) return scalar;
  }
}

// A prime of so many bits, the two highest set, such that it is 1 modulo no number that `exponent` divides.
Number random_prime(Host& host, int bits, BN_ULONG exponent, BN_CTX* context) {
  while (true) {
    Number prime = random_number(host, bits);
    BN_set_bit(prime.get(), bits - 1);
    BN_set_bit(prime.get(), bits - 2);
    BN_set_bit(prime.get(), 0);
    if (exponent != 0 && BN_mod_word(prime.get(), exponent) == 1) continue;
    if (BN_check_prime(prime.get(), context, nullptr) == 1) return prime;
  }
}

std::string integer(const Number& number) { return der::integer(bytes_of(number.get())); }

}  // namespace

std::string seeded_rsa_key(Host& host, int bits) {
  constexpr BN_ULONG kExponent = 65'537;
  const Context context(BN_CTX_new());
  Number p = random_prime(host, bits / 2, kExponent, context.get());
  Number q = random_prime(host, bits / 2, kExponent, context.get());
  if (BN_cmp(p.get(), q.get()) < 0) std::swap(p, q);
  Number e = make_number();
  Number n = make_number();
  Number p1(BN_dup(p.get()));
  Number q1(BN_dup(q.get()));
  Number phi = make_number();
  Number dp = make_number();
  Number dq = make_number();
  BN_set_word(e.get(), kExponent);
  BN_mul(n.get(), p.get(), q.get(), context.get());
  BN_sub_word(p1.get(), 1);
  BN_sub_word(q1.get(), 1);
  BN_mul(phi.get(), p1.get(), q1.get(), context.get());
  const Number d(BN_mod_inverse(nullptr, e.get(), phi.get(), context.get()));
  BN_mod(dp.get(), d.get(), p1.get(), context.get());
  BN_mod(dq.get(), d.get(), q1.get(), context.get());
  const Number q_inverse(BN_mod_inverse(nullptr, q.get(), p.get(), context.get()));
  return der::sequence({der::integer(0), integer(n), integer(e), integer(d), integer(p), integer(q), integer(dp),
                        integer(dq), integer(q_inverse)});
}

std::string seeded_dsa_key(Host& host) {
  const Context context(BN_CTX_new());
  const Number q = random_prime(host, 256, 0, context.get());
  Number twice_q = make_number();
  BN_lshift1(twice_q.get(), q.get());
  // p = 1 modulo 2q.
  Number p;
  Number rest = make_number();
  while (p == nullptr) {
    Number candidate = random_number(host, 2048);
    BN_set_bit(candidate.get(), 2047);
    BN_mod(rest.get(), candidate.get(), twice_q.get(), context.get());
    BN_sub(candidate.get(), candidate.get(), rest.get());
    BN_add_word(candidate.get(), 1);
    if (BN_num_bits(candidate.get()) == 2048 && BN_check_prime(candidate.get(), context.get(), nullptr) == 1) {
      p = std::move(candidate);
    }
  }
  // A generator of the subgroup of order q.
  Number power(BN_dup(p.get()));
  BN_sub_word(power.get(), 1);
  BN_div(power.get(), nullptr, power.get(), q.get(), context.get());
  Number g = make_number();
  Number base = make_number();
  for (BN_ULONG h = 2; BN_is_zero(g.get()) || BN_is_one(g.get()); ++h) {
    BN_set_word(base.get(), h);
    BN_mod_exp(g.get(), base.get(), power.get(), p.get(), context.get());
  }
  const Number x = random_scalar(host, q.get());
  Number y = make_number();
  BN_mod_exp(y.get(), g.get(), x.get(), p.get(), context.get());
  return der::sequence({der::integer(0), integer(p), integer(q), integer(g), integer(y), integer(x)});
}

std::string seeded_p256_key(Host& host) {
  const std::unique_ptr<EC_GROUP, Free> group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  const Number scalar = random_scalar(host, EC_GROUP_get0_order(group.get()));
  return der::sequence({der::integer(1), der::octets(bytes_of(scalar.get(), 32)),
                        der::element(der::context(0, true), der::object_id("1.2.840.10045.3.1.7"))});
}

Result<std::string> seeded_ecdsa_signature(evp_pkey_st* key, const std::string& digest, std::string_view data) {
  char curve[64] = "";
  size_t curve_size = 0;
  BIGNUM* secret = nullptr;
  EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, curve, sizeof(curve), &curve_size);
  EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &secret);
  const Number d(secret);
  const std::unique_ptr<EC_GROUP, Free> group(EC_GROUP_new_by_curve_name(OBJ_sn2nid(curve)));
  if (d == nullptr || group == nullptr) return fail(ErrorCode::kInternal, "cannot sign with this private key");
  const BIGNUM* order = EC_GROUP_get0_order(group.get());
  const Context context(BN_CTX_new());

  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned hash_size = 0;
  EVP_Digest(data.data(), data.size(), hash, &hash_size, EVP_get_digestbyname(digest.c_str()), nullptr);
  // The leftmost bits of the hash, as many as the order has.
  Number z = number_from({reinterpret_cast<const char*>(hash), hash_size});
  if (const int excess = static_cast<int>(hash_size) * 8 - BN_num_bits(order); excess > 0) BN_rshift(z.get(), z.get(), excess);

  const std::string secret_bytes = bytes_of(d.get(), BN_num_bytes(order));
  for (uint8_t attempt = 0;; ++attempt) {
    std::string seed(reinterpret_cast<const char*>(hash), hash_size);
    seed += static_cast<char>(attempt);
    unsigned char nonce[EVP_MAX_MD_SIZE];
    unsigned nonce_size = 0;
    HMAC(EVP_sha512(), secret_bytes.data(), static_cast<int>(secret_bytes.size()),
         reinterpret_cast<const unsigned char*>(seed.data()), seed.size(), nonce, &nonce_size);
    Number k = number_from({reinterpret_cast<const char*>(nonce), nonce_size});
    BN_mod(k.get(), k.get(), order, context.get());
    if (BN_is_zero(k.get())) continue;

    const std::unique_ptr<EC_POINT, Free> point(EC_POINT_new(group.get()));
    Number r = make_number();
    EC_POINT_mul(group.get(), point.get(), k.get(), nullptr, nullptr, context.get());
    EC_POINT_get_affine_coordinates(group.get(), point.get(), r.get(), nullptr, context.get());
    BN_mod(r.get(), r.get(), order, context.get());
    Number s = make_number();
    BN_mod_mul(s.get(), r.get(), d.get(), order, context.get());
    BN_mod_add(s.get(), s.get(), z.get(), order, context.get());
    const Number inverse(BN_mod_inverse(nullptr, k.get(), order, context.get()));
    BN_mod_mul(s.get(), s.get(), inverse.get(), order, context.get());
    if (BN_is_zero(r.get()) || BN_is_zero(s.get())) continue;
    return der::sequence({integer(r), integer(s)});
  }
}

}  // namespace plimsoll::tmpl
