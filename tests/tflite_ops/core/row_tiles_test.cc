// SPDX-License-Identifier: Apache-2.0
#include "core/row_tiles.h"

#include <gtest/gtest.h>

#include <vector>

namespace tfsparse::core {
namespace {

TEST(RowTilesTest, CutsAllRowsIntoTilesOfNearlyEqualSize) {
  for (int rows = 1; rows <= 200; ++rows) {
    for (int most = 1; most <= 14; ++most) {
      const RowTiles tiles(rows, most);
      EXPECT_EQ(tiles.Begin(0), 0);
      EXPECT_EQ(tiles.Begin(tiles.count()), rows);
      const int first = tiles.Begin(1);
      EXPECT_LE(first, most);
      for (int t = 1; t < tiles.count(); ++t) {
        const int size = tiles.Begin(t + 1) - tiles.Begin(t);
        EXPECT_TRUE(size == first || size == first - 1) << rows << " rows, " << most << " at most, tile " << t;
      }
    }
  }
}

TEST(RowTilesTest, HasNoTilesWithoutRows) { EXPECT_EQ(RowTiles(0, 8).count(), 0); }

TEST(RowTilesTest, MakesStripsOfAtLeastOneTile) {
  const RowTiles tiles(100, 10);
  EXPECT_EQ(tiles.PerStrip(1000000), 1);
  EXPECT_EQ(tiles.PerStrip(0), 10);
  EXPECT_GT(tiles.PerStrip(16), 1);
}

// Which rows each kernel call computes, by its pointers.
std::vector<int> rows_seen;
std::vector<const float*> weights_seen;

void Record(const RgemmTiles& tiles) {
  weights_seen.push_back(tiles.w);
  for (int r = 0; r < tiles.count * tiles.rows; ++r) rows_seen.push_back(tiles.pixels[r]);
}

TEST(RowTilesTest, GathersInTheFirstTileAndReadsThePanelInTheRest) {
  const RgemmKernel kernels[4][2] = {{Record, Record}, {Record, Record}, {Record, Record}, {Record, Record}};
  const std::vector<int32_t> pixels = CountUp(11);
  const float weights[2] = {};
  RgemmTiles product = {};
  product.pixels = pixels.data();
  product.out_stride = 1;
  product.w = &weights[0];
  product.panel = const_cast<float*>(&weights[1]);
  rows_seen.clear();
  weights_seen.clear();
  const RowTiles::Steps steps = {kernels, kernels};
  RowTiles(0, 4).Run(steps, {0, 0}, 1, product);
  RowTiles(11, 4).Run(steps, {3, 3}, 1, product);
  EXPECT_TRUE(rows_seen.empty());
  RowTiles(11, 4).Run(steps, {0, 3}, 1, product);
  EXPECT_EQ(rows_seen, CountUp(11));
  EXPECT_EQ(weights_seen, (std::vector<const float*>{&weights[0], &weights[1], &weights[1]}));
}

}  // namespace
}  // namespace tfsparse::core
