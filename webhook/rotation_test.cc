#include "webhook/rotation.h"

#include <gtest/gtest.h>

namespace plimsoll::webhook {
namespace {

using namespace std::chrono_literals;
using Changes = std::vector<std::string_view>;

class RotationTest : public testing::Test {
 protected:
  // What is stored, read again by whoever comes next.
  Changes advance_stored(bool next_is_trusted = false) {
    CertificateSet set = read_set(fields_);
    const auto changes = advance(set, options_, now_, next_is_trusted);
    EXPECT_TRUE(changes) << changes.error().to_string();
    fields_ = write_set(set);
    return changes.value_or(Changes());
  }
  CertificateSet set() const { return read_set(fields_); }
  bool leaf_is_of(const std::string& authority) const { return is_signed_by(set().leaf.certificates, authority); }

  RotationOptions options_{.names = {"localhost"}, .leaf_lifetime = 24h * 90, .authority_lifetime = 24h * 900};
  CertificateFields fields_;
  Time now_ = std::chrono::system_clock::now();
};

TEST_F(RotationTest, MakesWhatIsMissingOnce) {
  EXPECT_EQ(advance_stored(), (Changes{"authority made", "certificate made"}));
  EXPECT_TRUE(leaf_is_of(fields_["ca.crt"]));
  EXPECT_EQ(advance_stored(), Changes());
  const CertificateFields before = fields_;
  now_ += 24h * 59;
  EXPECT_EQ(advance_stored(), Changes());
  now_ += 24h * 2;
  EXPECT_EQ(advance_stored(), Changes{"certificate renewed"});
  EXPECT_EQ(fields_["ca.crt"], before.at("ca.crt"));
  EXPECT_NE(fields_["tls.key"], before.at("tls.key"));
}

TEST_F(RotationTest, ReplacesAnAuthorityInThreeSteps) {
  advance_stored();
  const std::string first = set().authority.certificates;
  now_ += 24h * 601;
  EXPECT_EQ(advance_stored(), (Changes{"next authority announced", "certificate renewed"}));
  const std::string second = set().next.certificates;
  EXPECT_EQ(set().bundle(), first + second);
  EXPECT_TRUE(leaf_is_of(first));
  // It waits for those who must trust it first.
  now_ += 24h;
  EXPECT_EQ(advance_stored(), Changes());
  EXPECT_EQ(advance_stored(true), (Changes{"next authority put in charge", "certificate renewed"}));
  EXPECT_TRUE(leaf_is_of(second));
  EXPECT_EQ(fields_["ca.crt"], second + first);
  EXPECT_FALSE(fields_.contains("next-ca.key"));
  EXPECT_EQ(advance_stored(true), Changes());
  // The former one's last certificate ends 89 days later.
  now_ += 24h * 89;
  EXPECT_EQ(advance_stored(), Changes{"certificate renewed"});
  EXPECT_EQ(set().bundle(), second + first);
  now_ += 2h;
  EXPECT_EQ(advance_stored(), Changes{"former authority retired"});
  EXPECT_EQ(set().bundle(), second);
  EXPECT_FALSE(fields_.contains("previous-ca-until"));
}

TEST_F(RotationTest, AnAuthorityThatNobodyTrustsComesInOnlyWhenTheOtherIsOver) {
  advance_stored();
  now_ += 24h * 601;
  advance_stored();
  const std::string first = set().authority.certificates;
  size_t renewals = 0;
  while (now_ < inspect_certificate(first)->not_after) {
    for (const std::string_view change : advance_stored()) {
      EXPECT_EQ(change, "certificate renewed");
      ++renewals;
    }
    EXPECT_TRUE(leaf_is_of(first));
    now_ += 24h * 5;
  }
  // Leaves end with their authority; they are not renewed for nothing.
  EXPECT_LT(renewals, 12U);
  EXPECT_EQ(advance_stored().front(), "next authority put in charge");
  EXPECT_FALSE(leaf_is_of(first));
}

TEST_F(RotationTest, RepairsWhatWasDamaged) {
  struct Case {
    const char* field;
    const char* text;
    Changes changes;
    bool keeps_leaf;
  };
  const Case cases[] = {
      {"tls.crt", "nonsense", {"certificate made"}, false},
      {"tls.key", "nonsense", {"certificate renewed"}, false},
      {"tls.key", nullptr, {"certificate renewed"}, false},
      // Without its key an authority is still trusted: another is announced, and nobody is refused meanwhile.
      {"ca.key", nullptr, {"next authority announced"}, true},
      {"ca.key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", {"next authority announced"}, true},
      {"ca.crt", "nonsense", {"authority made", "certificate renewed"}, false},
      {"next-ca.crt", "nonsense", {}, true},
      {"previous-ca-until", "nonsense", {}, true},
  };
  for (const Case& c : cases) {
    fields_.clear();
    advance_stored();
    const CertificateSet before = set();
    if (c.text == nullptr) {
      fields_.erase(c.field);
    } else {
      fields_[c.field] = c.text;
    }
    EXPECT_EQ(advance_stored(), c.changes) << c.field;
    EXPECT_EQ(set().leaf == before.leaf, c.keeps_leaf) << c.field;
    EXPECT_TRUE(check_pair(set().leaf)) << c.field;
    EXPECT_TRUE(leaf_is_of(set().authority.certificates)) << c.field;
    EXPECT_EQ(advance_stored(), Changes()) << c.field;
  }
}

TEST_F(RotationTest, AnAuthorityThatCannotSignAnyMoreAndHasNoLeafIsReplacedAtOnce) {
  advance_stored();
  const std::string first = set().authority.certificates;
  fields_.erase("ca.key");
  fields_.erase("tls.crt");
  EXPECT_EQ(advance_stored(), (Changes{"next authority announced", "next authority put in charge", "certificate made"}));
  EXPECT_EQ(set().bundle(), set().authority.certificates + first);
}

TEST_F(RotationTest, NamesAreAddedAtOnceAndDroppedWithTheNextRenewal) {
  options_.names = {"a.example.com", "0:0:0:0:0:0:0:1"};
  advance_stored();
  EXPECT_EQ(advance_stored(), Changes());
  options_.names = {"b.example.com"};
  EXPECT_EQ(advance_stored(), Changes{"certificate renewed"});
  EXPECT_EQ(inspect_certificate(set().leaf.certificates)->names, (std::vector<std::string>{"b.example.com", "a.example.com", "::1"}));
  // A replica that is about to be replaced is content with it.
  options_.names = {"::1", "a.example.com"};
  EXPECT_EQ(advance_stored(), Changes());
  options_.names = {"b.example.com"};
  now_ += 24h * 61;
  EXPECT_EQ(advance_stored(), Changes{"certificate renewed"});
  EXPECT_EQ(inspect_certificate(set().leaf.certificates)->names, std::vector<std::string>{"b.example.com"});
}

TEST_F(RotationTest, WhatLastsLongerThanItMayIsReplaced) {
  advance_stored();
  options_.leaf_lifetime = 24h * 30;
  EXPECT_EQ(advance_stored(), Changes{"certificate renewed"});
  EXPECT_EQ(advance_stored(), Changes());
  options_.authority_lifetime = 24h * 365;
  EXPECT_EQ(advance_stored(), Changes{"next authority announced"});
  EXPECT_EQ(advance_stored(), Changes());
}

TEST(X509Test, TellsWhoSignedWhatAndWhatBelongsTogether) {
  const KeyPair one = *make_authority("plimsoll", 1h), other = *make_authority("plimsoll", 1h);
  EXPECT_NE(inspect_certificate(one.certificates)->subject, inspect_certificate(other.certificates)->subject);
  const KeyPair leaf = *make_leaf(one, {"localhost", "::1"}, 2h);
  EXPECT_TRUE(is_signed_by(leaf.certificates, one.certificates));
  EXPECT_FALSE(is_signed_by(leaf.certificates, other.certificates));
  EXPECT_TRUE(check_pair(leaf));
  EXPECT_FALSE(check_pair({leaf.certificates, one.key}));
  EXPECT_EQ(inspect_certificate(leaf.certificates)->not_after, inspect_certificate(one.certificates)->not_after);
  EXPECT_EQ(split_certificates("x\n" + one.certificates + "y\n" + leaf.certificates + "-----BEGIN CERTIFICATE-----\n!"),
            (std::vector<std::string>{one.certificates, leaf.certificates}));
}

}  // namespace
}  // namespace plimsoll::webhook
