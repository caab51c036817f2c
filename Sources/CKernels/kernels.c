#include "inner.h"

#include <float.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

void kernel_keep_freed_memory(void) {
#ifdef __GLIBC__
  mallopt(M_TRIM_THRESHOLD, 512 << 20);
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
#endif
}

CLONED void kernel_relu(float *x, int64_t count) {
  for (int64_t i = 0; i < count; i++) x[i] = x[i] < 0 ? 0 : x[i];
}

CLONED void kernel_relu_gradient(const float *restrict y, float *restrict dy, int64_t count) {
  for (int64_t i = 0; i < count; i++) dy[i] = y[i] <= 0 ? 0 : dy[i];
}

CLONED void kernel_limit(float *x, float maximum, int64_t count) {
  for (int64_t i = 0; i < count; i++) x[i] = x[i] > maximum ? maximum : x[i];
}

CLONED void kernel_limit_gradient(const float *restrict y, float maximum, float *restrict dy, int64_t count) {
  for (int64_t i = 0; i < count; i++) dy[i] = y[i] >= maximum ? 0 : dy[i];
}

CLONED void kernel_add_scaled(float a, const float *x, float *y, int64_t count) {
  for (int64_t i = 0; i < count; i++) y[i] += a * x[i];
}

CLONED void kernel_scale(float a, const float *x, float *y, int64_t count) {
  for (int64_t i = 0; i < count; i++) y[i] = a * x[i];
}

CLONED double kernel_sum_of_squares(const float *x, int64_t count) {
  enum { lanes = 16 };
  double sums[lanes] = {0};
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes)
    for (int j = 0; j < lanes; j++) sums[j] += (double)x[i + j] * x[i + j];
  double total = 0;
  for (; i < count; i++) total += (double)x[i] * x[i];
  for (int j = 0; j < lanes; j++) total += sums[j];
  return total;
}

CLONED _Bool kernel_is_finite(const float *x, int64_t count) {
  // NaN and infinity have all bits of the exponent set.
  uint32_t largest = 0;
  for (int64_t i = 0; i < count; i++) {
    uint32_t bits;
    memcpy(&bits, x + i, sizeof bits);
    bits &= 0x7f800000u;
    largest = bits > largest ? bits : largest;
  }
  return largest < 0x7f800000u;
}

CLONED double kernel_dot(const float *x, const float *y, int64_t count) {
  enum { lanes = 16 };
  double sums[lanes] = {0};
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes)
    for (int j = 0; j < lanes; j++) sums[j] += (double)x[i + j] * y[i + j];
  double total = 0;
  for (; i < count; i++) total += (double)x[i] * y[i];
  for (int j = 0; j < lanes; j++) total += sums[j];
  return total;
}

CLONED void kernel_rotate(double c, double s, double *restrict low, double *restrict high, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    const double x = low[i], y = high[i];
    low[i] = c * x - s * y;
    high[i] = s * x + c * y;
  }
}

CLONED void kernel_transpose(const float *restrict x, float *restrict y, int64_t rows, int64_t columns) {
  enum { block = 16 };
  for (int64_t r0 = 0; r0 < rows; r0 += block)
    for (int64_t c0 = 0; c0 < columns; c0 += block) {
      const int64_t r1 = r0 + block < rows ? r0 + block : rows, c1 = c0 + block < columns ? c0 + block : columns;
      for (int64_t c = c0; c < c1; c++)
        for (int64_t r = r0; r < r1; r++) y[c * rows + r] = x[r * columns + c];
    }
}

// Sums `VALUE(row, channel)` over rows: 16 channels in registers, two rows at a time.
enum { lanes = 16 };
#define SUM_ROWS(total, VALUE)                                                                                    \
  for (int64_t c0 = 0; c0 < channels; c0 += lanes) {                                                              \
    float even[lanes] = {0}, odd[lanes] = {0};                                                                    \
    int64_t r = 0;                                                                                                \
    if (c0 + lanes <= channels) {                                                                                 \
      for (; r + 2 <= rows; r += 2)                                                                               \
        for (int64_t j = 0; j < lanes; j++) {                                                                     \
          even[j] += VALUE(r, c0 + j);                                                                            \
          odd[j] += VALUE(r + 1, c0 + j);                                                                         \
        }                                                                                                         \
    }                                                                                                             \
    const int64_t width = c0 + lanes <= channels ? lanes : channels - c0;                                         \
    for (; r < rows; r++)                                                                                         \
      for (int64_t j = 0; j < width; j++) even[j] += VALUE(r, c0 + j);                                            \
    for (int64_t j = 0; j < width; j++) (total)[c0 + j] = even[j] + odd[j];                                       \
  }

CLONED void kernel_column_sums(const float *restrict x, int64_t rows, int64_t channels, float *restrict sum) {
#define VALUE(r, c) x[(r) * channels + (c)]
  SUM_ROWS(sum, VALUE)
#undef VALUE
}

CLONED void kernel_add_rows(const float *restrict bias, float *restrict x, int64_t rows, int64_t channels) {
  for (int64_t r = 0; r < rows; r++)
    for (int64_t c = 0; c < channels; c++) x[r * channels + c] += bias[c];
}

CLONED void kernel_centered_squares(
  const float *restrict x, const float *restrict mean, int64_t rows, int64_t channels, float *restrict sum) {
#define VALUE(r, c) (x[(r) * channels + (c)] - mean[c]) * (x[(r) * channels + (c)] - mean[c])
  SUM_ROWS(sum, VALUE)
#undef VALUE
}

CLONED void kernel_affine(
  const float *restrict x, const float *restrict a, const float *restrict b, float floor, float *restrict y,
  int64_t rows, int64_t channels) {
  for (int64_t r = 0; r < rows; r++)
    for (int64_t c = 0; c < channels; c++) {
      const float value = a[c] * x[r * channels + c] + b[c];
      y[r * channels + c] = value < floor ? floor : value;
    }
}

// The gradient where the output of `kernel_affine` is above the floor or NaN, or where there is no floor; else 0.
static inline __attribute__((always_inline)) float passed(float dy, float value, float floor) {
  return value <= floor ? 0 : dy;
}
#define PASSED(r, c) passed(dy[(r) * channels + (c)], a[c] * x[(r) * channels + (c)] + b[c], floor)

CLONED void kernel_normalization_sums(
  const float *restrict x, const float *restrict dy, const float *restrict a, const float *restrict b, float floor,
  const float *restrict mean, const float *restrict inverse, int64_t rows, int64_t channels,
  float *restrict sum_gradient, float *restrict sum_product) {
  // Both sums in one pass, each in the order of SUM_ROWS.
#define ADD(half, r, width)                                                                                       \
  for (int64_t j = 0; j < (width); j++) {                                                                         \
    const int64_t c = c0 + j;                                                                                     \
    const float gradient = PASSED(r, c);                                                                          \
    gradients[half][j] += gradient;                                                                               \
    products[half][j] += gradient * ((x[(r) * channels + c] - mean[c]) * inverse[c]);                             \
  }
  for (int64_t c0 = 0; c0 < channels; c0 += lanes) {
    float gradients[2][lanes] = {0}, products[2][lanes] = {0};
    const int64_t width = c0 + lanes <= channels ? lanes : channels - c0;
    int64_t r = 0;
    for (; width == lanes && r + 2 <= rows; r += 2) {
      ADD(0, r, lanes)
      ADD(1, r + 1, lanes)
    }
    for (; r < rows; r++) ADD(0, r, width)
    for (int64_t j = 0; j < width; j++) {
      sum_gradient[c0 + j] = gradients[0][j] + gradients[1][j];
      sum_product[c0 + j] = products[0][j] + products[1][j];
    }
  }
#undef ADD
}

CLONED void kernel_normalization_gradient(
  const float *restrict x, const float *restrict a, const float *restrict b, float floor, const float *restrict slope,
  const float *restrict shift, float *restrict dy, int64_t rows, int64_t channels) {
  if (slope) {
    for (int64_t r = 0; r < rows; r++)
      for (int64_t c = 0; c < channels; c++) {
        const int64_t i = r * channels + c;
        dy[i] = a[c] * PASSED(r, c) + (slope[c] * x[i] + shift[c]);
      }
  } else {
    for (int64_t r = 0; r < rows; r++)
      for (int64_t c = 0; c < channels; c++) dy[r * channels + c] = a[c] * PASSED(r, c);
  }
}
#undef PASSED

// Sixteen channels, on any alignment.
enum { group = 16 };
typedef float channels16 __attribute__((vector_size(64), aligned(4), may_alias));
typedef int32_t positions16 __attribute__((vector_size(64), aligned(4), may_alias));

// Keeps `n` times sixteen channels in registers while it goes over the positions.
static inline __attribute__((always_inline)) void span_maximum(
  const float *map, int64_t width, int64_t channels, int64_t y0, int64_t y1, int64_t x0, int64_t x1, float start,
  float *output, int32_t *argmax, const int n) {
  channels16 best[4];
  positions16 at[4];
#pragma clang loop unroll(full)
  for (int i = 0; i < n; i++) {
    best[i] = (channels16){0} + start;
    at[i] = (positions16){0} - 1;
  }
  for (int64_t y = y0; y < y1; y++)
    for (int64_t x = x0; x < x1; x++) {
      const int32_t position = (int32_t)(y * width + x);
      const float *values = map + (int64_t)position * channels;
#pragma clang loop unroll(full)
      for (int i = 0; i < n; i++) {
        const channels16 value = *(const channels16 *)(values + group * i);
        const positions16 greater = value > best[i];
        best[i] = (channels16)((greater & (positions16)value) | (~greater & (positions16)best[i]));
        at[i] = (greater & position) | (~greater & at[i]);
      }
    }
#pragma clang loop unroll(full)
  for (int i = 0; i < n; i++) {
    *(channels16 *)(output + group * i) = best[i];
    *(positions16 *)(argmax + group * i) = at[i];
  }
}

CLONED void kernel_span_maximum(
  const float *restrict map, int64_t width, int64_t channels, int64_t y0, int64_t y1, int64_t x0, int64_t x1,
  float *restrict output, int32_t *restrict argmax) {
  const float start = y0 < y1 && x0 < x1 ? -FLT_MAX : 0;
  int64_t c = 0;
  for (; c + 4 * group <= channels; c += 4 * group)
    span_maximum(map + c, width, channels, y0, y1, x0, x1, start, output + c, argmax + c, 4);
  for (; c + group <= channels; c += group)
    span_maximum(map + c, width, channels, y0, y1, x0, x1, start, output + c, argmax + c, 1);
  for (; c < channels; c++) {
    output[c] = start;
    argmax[c] = -1;
    for (int64_t y = y0; y < y1; y++)
      for (int64_t x = x0; x < x1; x++) {
        const float value = map[(y * width + x) * channels + c];
        if (value > output[c]) {
          output[c] = value;
          argmax[c] = (int32_t)(y * width + x);
        }
      }
  }
}

// Adds the gradients to the positions of their maxima, and zeros to the other positions of the span.
static inline __attribute__((always_inline)) void span_gradient(
  const float *dy, const int32_t *argmax, float *dx, int64_t width, int64_t channels, int64_t y0, int64_t y1,
  int64_t x0, int64_t x1, const int n) {
  positions16 gradient[4], at[4];
#pragma clang loop unroll(full)
  for (int i = 0; i < n; i++) {
    gradient[i] = *(const positions16 *)(dy + group * i);
    at[i] = *(const positions16 *)(argmax + group * i);
    // A slice of the channels of the next span is too far away for the hardware prefetcher.
    __builtin_prefetch(dy + 2 * channels + group * i);
    __builtin_prefetch(argmax + 2 * channels + group * i);
  }
  for (int64_t y = y0; y < y1; y++)
    for (int64_t x = x0; x < x1; x++) {
      const int32_t position = (int32_t)(y * width + x);
      float *values = dx + (int64_t)position * channels;
#pragma clang loop unroll(full)
      for (int i = 0; i < n; i++) *(channels16 *)(values + group * i) += (channels16)((at[i] == position) & gradient[i]);
    }
}

CLONED void kernel_span_gradient(
  const float *dy, const int32_t *argmax, float *dx, int64_t width, int64_t channels, int64_t y0, int64_t y1,
  int64_t x0, int64_t x1, int64_t first, int64_t end) {
  int64_t c = first;
  // In a large span it is faster to look up each gradient's position than to go over all positions.
  if ((y1 - y0) * (x1 - x0) <= 3 * group) {
    for (; c + 4 * group <= end; c += 4 * group)
      span_gradient(dy + c, argmax + c, dx + c, width, channels, y0, y1, x0, x1, 4);
    for (; c + group <= end; c += group)
      span_gradient(dy + c, argmax + c, dx + c, width, channels, y0, y1, x0, x1, 1);
  }
  for (; c < end; c++)
    if (argmax[c] >= 0) dx[(int64_t)argmax[c] * channels + c] += dy[c];
}

CLONED void kernel_dropout(
  const float *x, float *y, int64_t count, uint64_t seed, int64_t first, uint32_t threshold, float scale) {
  for (int64_t i = 0; i < count; i++) {
    uint64_t z = seed + (uint64_t)(first + i + 1) * 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    z = z ^ (z >> 31);
    y[i] = (uint32_t)(z >> 40) < threshold ? 0 : x[i] * scale;
  }
}

CLONED void kernel_update(
  float *w, float *first, float *second, const float *g, int64_t count, const kernel_rule *rule) {
  update(w, first, second, g, count, rule);
}

CLONED void kernel_to_bfloat16(const float *restrict x, int64_t count, uint16_t *restrict y) {
  for (int64_t i = 0; i < count; i++) y[i] = bfloat16(x[i]);
}
