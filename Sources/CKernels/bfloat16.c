#include "inner.h"

#ifdef __x86_64__
#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

// A tile: 16 rows × 32 elements of depth of the first factor; 16 pairs of depth × 16 columns of the second.
enum { edge = 16, deep = kernel_bfloat16_depth, tile = edge * deep, columns_at_once = kernel_panel / edge };

// A block of 16 rows × 64 columns: `tiles` tiles of the first factor times as many of each of four tile columns, `step`
// elements apart. It prefetches the memory of the next block meanwhile.
typedef void (*block_function)(
  const uint16_t *a, const uint16_t *b, int64_t step, int64_t tiles, prefetch_plan *lines, float *block);

#ifdef __x86_64__
#define AVX512 __attribute__((target("avx512f,avx512bf16")))
#define AMX __attribute__((target("amx-tile,amx-bf16")))

AMX static void block_amx(
  const uint16_t *a, const uint16_t *b, int64_t step, int64_t tiles, prefetch_plan *lines, float *block) {
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  for (int64_t t = 0; t < tiles; t++, a += tile, b += tile) {
    _tile_loadd(4, a, 64);
    _tile_loadd(5, b, 64);
    _tile_dpbf16ps(0, 4, 5);
    _tile_loadd(6, b + step, 64);
    _tile_dpbf16ps(1, 4, 6);
    _tile_loadd(7, b + 2 * step, 64);
    _tile_dpbf16ps(2, 4, 7);
    _tile_loadd(5, b + 3 * step, 64);
    _tile_dpbf16ps(3, 4, 5);
    prefetch(lines);
  }
  _tile_stored(0, block, 4 * kernel_panel);
  _tile_stored(1, block + edge, 4 * kernel_panel);
  _tile_stored(2, block + 2 * edge, 4 * kernel_panel);
  _tile_stored(3, block + 3 * edge, 4 * kernel_panel);
}

AVX512 static void block_avx512(
  const uint16_t *a, const uint16_t *b, int64_t step, int64_t tiles, prefetch_plan *lines, float *block) {
  enum { rows = 4 };
  for (int r0 = 0; r0 < edge; r0 += rows) {
    __m512 sum[rows][columns_at_once];
    for (int i = 0; i < rows; i++)
      for (int j = 0; j < columns_at_once; j++) sum[i][j] = _mm512_setzero_ps();
    for (int64_t t = 0; t < tiles; t++) {
      if (r0 == 0) prefetch(lines);
      const uint16_t *left = a + t * tile + r0 * deep, *right = b + t * tile;
      for (int pair = 0; pair < edge; pair++) {
        __m512bh columns[columns_at_once];
#pragma clang loop unroll(full)
        for (int j = 0; j < columns_at_once; j++)
          columns[j] = (__m512bh)_mm512_loadu_si512(right + j * step + pair * deep);
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
          int32_t both;
          memcpy(&both, left + i * deep + 2 * pair, sizeof both);
#pragma clang loop unroll(full)
          for (int j = 0; j < columns_at_once; j++)
            sum[i][j] = _mm512_dpbf16_ps(sum[i][j], (__m512bh)_mm512_set1_epi32(both), columns[j]);
        }
      }
    }
    for (int i = 0; i < rows; i++)
      for (int j = 0; j < columns_at_once; j++)
        _mm512_storeu_ps(block + (r0 + i) * kernel_panel + j * edge, sum[i][j]);
  }
}

// Whether the processor has AMX and the system lets this process use it; asked once (a race repeats the same answer).
static int has_amx(void) {
  enum { tile_bit = 24, bfloat16_bit = 22, ask_permission = 0x1023, tile_data = 18 };
  static int known;
  int answer = __atomic_load_n(&known, __ATOMIC_RELAXED);
  if (answer == 0) {
    unsigned a, b, c, d = 0;
    const int is_there = __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d >> tile_bit & 1) && (d >> bfloat16_bit & 1);
    answer = is_there && syscall(SYS_arch_prctl, ask_permission, tile_data) == 0 ? 1 : -1;
    __atomic_store_n(&known, answer, __ATOMIC_RELAXED);
  }
  return answer > 0;
}

AMX static void configure_tiles(void) {
  struct {
    uint8_t palette, start, reserved[14];
    uint16_t bytes[16];
    uint8_t rows[16];
  } shapes = {.palette = 1};
  for (int i = 0; i < 8; i++) {
    shapes.bytes[i] = 64;
    shapes.rows[i] = edge;
  }
  _tile_loadconfig(&shapes);
}
AMX static void release_tiles(void) { _tile_release(); }

int kernel_has_bfloat16(void) { return __builtin_cpu_supports("avx512bf16"); }

static block_function start_blocks(int32_t instructions) {
  if (instructions == kernel_bfloat16_avx512 || !has_amx()) return block_avx512;
  configure_tiles();
  return block_amx;
}
static void end_blocks(block_function block) {
  if (block == block_amx) release_tiles();
}
#else
static float from_bfloat16(uint16_t x) {
  const uint32_t bits = (uint32_t)x << 16;
  float result;
  memcpy(&result, &bits, sizeof result);
  return result;
}

static void block_portable(
  const uint16_t *a, const uint16_t *b, int64_t step, int64_t tiles, prefetch_plan *lines, float *block) {
  memset(block, 0, edge * kernel_panel * sizeof *block);
  for (int64_t t = 0; t < tiles; t++) {
    prefetch(lines);
    for (int64_t r = 0; r < edge; r++)
      for (int64_t d = 0; d < deep; d++)
        for (int64_t c = 0; c < kernel_panel; c++)
          block[r * kernel_panel + c] += from_bfloat16(a[t * tile + r * deep + d])
            * from_bfloat16(b[c / edge * step + t * tile + d / 2 * deep + c % edge * 2 + d % 2]);
  }
}
int kernel_has_bfloat16(void) { return 0; }
static block_function start_blocks(int32_t instructions) { return block_portable; }
static void end_blocks(block_function block) {}
#endif

// 16 rows × 32 elements of depth, padded with zeros.
static inline __attribute__((always_inline)) void rows_within(
  const float *x, int64_t stride, int64_t rows, int64_t depth, uint16_t *packed) {
  for (int64_t r = 0; r < edge; r++)
    for (int64_t d = 0; d < deep; d++) packed[r * deep + d] = r < rows && d < depth ? bfloat16(x[r * stride + d]) : 0;
}
CLONED static void pack_rows(const float *x, int64_t stride, int64_t rows, int64_t depth, uint16_t *restrict packed) {
  if (rows >= edge && depth >= deep)
    rows_within(x, stride, edge, deep, packed);
  else
    rows_within(x, stride, rows, depth, packed);
}

// 16 pairs of depth × 16 columns, padded with zeros.
static inline __attribute__((always_inline)) void pairs_within(
  const float *x, int64_t stride, int64_t depth, int64_t columns, uint16_t *packed) {
  for (int64_t d = 0; d < deep; d += 2)
    for (int64_t c = 0; c < edge; c++) {
      const uint32_t even = d < depth && c < columns ? bfloat16(x[d * stride + c]) : 0;
      const uint32_t odd = d + 1 < depth && c < columns ? bfloat16(x[(d + 1) * stride + c]) : 0;
      const uint32_t pair = even | odd << 16;
      memcpy(packed + d * edge + 2 * c, &pair, sizeof pair);
    }
}
CLONED static void pack_pairs(
  const float *x, int64_t stride, int64_t depth, int64_t columns, uint16_t *restrict packed) {
  if (depth >= deep && columns >= edge)
    pairs_within(x, stride, deep, edge, packed);
  else
    pairs_within(x, stride, depth, columns, packed);
}

// Converts a tile of one factor to one of the other: transposes 16 × 16 pairs.
static void transpose_pairs(const uint16_t *from, uint16_t *to) {
  uint32_t pairs[edge][edge], transposed_pairs[edge][edge];
  memcpy(pairs, from, sizeof pairs);
  for (int i = 0; i < edge; i++)
    for (int j = 0; j < edge; j++) transposed_pairs[j][i] = pairs[i][j];
  memcpy(to, transposed_pairs, sizeof transposed_pairs);
}

void kernel_bfloat16_rows(
  const float *x, int64_t stride, int32_t transposed, int64_t rows, int64_t depth, uint16_t *tiles) {
  uint16_t pairs[tile];
  for (int64_t r = 0; r < rows; r += edge)
    for (int64_t d = 0; d < depth; d += deep, tiles += tile) {
      if (!transposed) {
        pack_rows(x + r * stride + d, stride, rows - r, depth - d, tiles);
      } else {
        pack_pairs(x + d * stride + r, stride, depth - d, rows - r, pairs);
        transpose_pairs(pairs, tiles);
      }
    }
}

static int64_t tiles_of(int64_t depth) { return (depth + deep - 1) / deep; }

void kernel_bfloat16_columns(
  const float *x, int64_t stride, int32_t transposed, int64_t depth, int64_t columns, uint16_t *tiles) {
  uint16_t rows[tile];
  const int64_t count = tiles_of(depth), all = (columns + kernel_panel - 1) / kernel_panel * kernel_panel;
  // Along the rows of x, for the hardware prefetcher.
  const int64_t inner = transposed ? count : all / edge, outer = transposed ? all / edge : count;
  for (int64_t i = 0; i < outer; i++)
    for (int64_t j = 0; j < inner; j++) {
      const int64_t c = (transposed ? i : j) * edge, d = (transposed ? j : i) * deep;
      uint16_t *to = tiles + (c / edge * count + d / deep) * tile;
      if (c >= columns) {
        memset(to, 0, tile * sizeof *to);
      } else if (!transposed) {
        pack_pairs(x + d * stride + c, stride, depth - d, columns - c, to);
      } else {
        pack_rows(x + c * stride + d, stride, columns - c, depth - d, rows);
        transpose_pairs(rows, to);
      }
    }
}

CLONED static void add_block(
  const float *block, int64_t rows, int64_t columns, int is_first, float *y, int64_t stride) {
  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = 0; j < columns; j++) {
      const float value = block[i * kernel_panel + j];
      y[i * stride + j] = is_first ? value : y[i * stride + j] + value;
    }
}

void kernel_bfloat16_product(
  const uint16_t *tiles, int64_t depth, const float *w, int64_t stride, int32_t transposed, int64_t rows,
  int64_t columns, int32_t accumulate, float *y, int64_t y_stride, uint16_t *scratch, int32_t instructions) {
  enum { chunk = kernel_bfloat16_chunk, wide = kernel_bfloat16_scratch / chunk };
  float block[edge * kernel_panel] __attribute__((aligned(64)));
  const int64_t along = transposed ? 1 : stride, across = transposed ? stride : 1;
  const block_function multiply = start_blocks(instructions);
  for (int64_t k0 = 0; k0 < depth; k0 += chunk)
    for (int64_t w0 = 0; w0 < columns; w0 += wide) {
      const int64_t some = depth - k0 < chunk ? depth - k0 : chunk, count = tiles_of(some);
      const int64_t width = columns - w0 < wide ? columns - w0 : wide;
      kernel_bfloat16_columns(w + k0 * along + w0 * across, stride, transposed, some, width, scratch);
      for (int64_t c0 = 0; c0 < width; c0 += kernel_panel)
        for (int64_t r0 = 0; r0 < rows; r0 += edge) {
          prefetch_plan nothing = {0};
          multiply(
            tiles + (r0 * tiles_of(depth) + k0 / deep * edge) * deep, scratch + c0 * count * deep, count * tile, count,
            &nothing, block);
          add_block(
            block, rows - r0 < edge ? rows - r0 : edge, width - c0 < kernel_panel ? width - c0 : kernel_panel,
            k0 == 0 && !accumulate, y + r0 * y_stride + w0 + c0, y_stride);
        }
    }
  end_blocks(multiply);
}

CLONED static void update_block(
  const float *block, int64_t rows, int64_t columns, float *w, float *first, float *second, int64_t stride,
  const kernel_rule *rule) {
  for (int64_t i = 0; i < rows; i++)
    update(
      w + i * stride, first + i * stride, state_at(second, i * stride), block + i * kernel_panel, columns, rule);
}

void kernel_bfloat16_update(
  const uint16_t *left, const uint16_t *right, int64_t samples, int64_t rows, int64_t columns, float *w, float *first,
  float *second, const kernel_rule *rule, int32_t instructions) {
  float block[edge * kernel_panel] __attribute__((aligned(64)));
  const int64_t count = tiles_of(samples);
  const block_function multiply = start_blocks(instructions);
  for (int64_t r0 = 0; r0 < rows; r0 += edge)
    for (int64_t c0 = 0; c0 < columns; c0 += kernel_panel) {
      const int64_t at = r0 * columns + c0;
      const int is_last = c0 + kernel_panel >= columns;
      const int64_t next = is_last ? (r0 + edge) * columns : at + kernel_panel;
      prefetch_plan ahead = prefetch_during(
        count, w + next, first + next, state_at(second, next), columns, kernel_panel,
        is_last && r0 + edge >= rows ? 0 : edge);
      multiply(left + r0 * count * deep, right + c0 * count * deep, count * tile, count, &ahead, block);
      update_block(
        block, rows - r0 < edge ? rows - r0 : edge, columns - c0 < kernel_panel ? columns - c0 : kernel_panel, w + at,
        first + at, state_at(second, at), columns, rule);
    }
  end_blocks(multiply);
}
