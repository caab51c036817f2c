#include "ckernels.h"

#include <float.h>
#include <string.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

// Compiled for three instruction sets; the loader picks one. The thread sanitizer cannot run the picker.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define NO_CLONES
#endif
#endif
#if defined(__x86_64__) && !defined(NO_CLONES)
#define CLONED __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define CLONED
#endif

#pragma clang fp contract(off)

void kernel_keep_freed_memory(void) {
#ifdef __GLIBC__
  mallopt(M_TRIM_THRESHOLD, 512 << 20);
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  // Threads that come and go would else leave what they freed in up to 8 arenas a core, each as full as it ever was.
  mallopt(M_ARENA_MAX, 1);
#endif
}

CLONED void kernel_relu(const float *x, float *y, int64_t count) {
  for (int64_t i = 0; i < count; i++) y[i] = x[i] < 0 ? 0 : x[i];
}

CLONED void kernel_relu_gradient(const float *y, const float *dy, float *dx, int64_t count) {
  for (int64_t i = 0; i < count; i++) dx[i] = y[i] > 0 ? dy[i] : 0;
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

// Sums over rows keep 16 channels in registers for two rows at a time; `VALUE(row, channel)` is what is added.
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

CLONED void kernel_add_rows(const float *x, const float *restrict bias, float *y, int64_t rows, int64_t channels) {
  for (int64_t r = 0; r < rows; r++)
    for (int64_t c = 0; c < channels; c++) y[r * channels + c] = x[r * channels + c] + bias[c];
}

CLONED void kernel_centred_squares(
  const float *restrict x, const float *restrict mean, int64_t rows, int64_t channels, float *restrict sum) {
#define VALUE(r, c) (x[(r) * channels + (c)] - mean[c]) * (x[(r) * channels + (c)] - mean[c])
  SUM_ROWS(sum, VALUE)
#undef VALUE
}

CLONED void kernel_affine(
  const float *restrict x, const float *restrict a, const float *restrict b, float *restrict y, int64_t rows,
  int64_t channels) {
  for (int64_t r = 0; r < rows; r++)
    for (int64_t c = 0; c < channels; c++) y[r * channels + c] = a[c] * x[r * channels + c] + b[c];
}

CLONED void kernel_normalisation_sums(
  const float *restrict x, const float *restrict dy, const float *restrict mean, const float *restrict inverse,
  int64_t rows, int64_t channels, float *restrict sum_gradient, float *restrict sum_product) {
#define VALUE(r, c) dy[(r) * channels + (c)]
  SUM_ROWS(sum_gradient, VALUE)
#undef VALUE
#define VALUE(r, c) dy[(r) * channels + (c)] * ((x[(r) * channels + (c)] - mean[c]) * inverse[c])
  SUM_ROWS(sum_product, VALUE)
#undef VALUE
}

CLONED void kernel_affine_two(
  const float *restrict dy, const float *restrict x, const float *restrict a, const float *restrict b,
  const float *restrict d, float *restrict dx, int64_t rows, int64_t channels) {
  for (int64_t r = 0; r < rows; r++)
    for (int64_t c = 0; c < channels; c++) {
      const int64_t i = r * channels + c;
      dx[i] = a[c] * dy[i] + (b[c] * x[i] + d[c]);
    }
}

CLONED void kernel_span_maximum(
  const float *restrict map, int64_t width, int64_t channels, int64_t y0, int64_t y1, int64_t x0, int64_t x1,
  float *restrict output, int32_t *restrict argmax) {
  const float start = y0 < y1 && x0 < x1 ? -FLT_MAX : 0;
  for (int64_t c = 0; c < channels; c++) {
    output[c] = start;
    argmax[c] = -1;
  }
  for (int64_t y = y0; y < y1; y++)
    for (int64_t x = x0; x < x1; x++) {
      const int32_t cell = (int32_t)(y * width + x);
      const float *values = map + (int64_t)cell * channels;
      for (int64_t c = 0; c < channels; c++) {
        const float value = values[c], best = output[c];
        const int32_t at = argmax[c];
        output[c] = value > best ? value : best;
        argmax[c] = value > best ? cell : at;
      }
    }
}

void kernel_scatter_add(const float *dy, const int32_t *argmax, float *dx, int64_t cells, int64_t channels) {
  for (int64_t i = 0; i < cells; i++)
    for (int64_t c = 0; c < channels; c++) {
      const int32_t cell = argmax[i * channels + c];
      if (cell >= 0) dx[(int64_t)cell * channels + c] += dy[i * channels + c];
    }
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

CLONED void kernel_momentum_update(
  float *restrict w, float *restrict v, const float *restrict g, int64_t count, float decay, float momentum,
  float damping, float rate, int caffe, int nesterov) {
  // In Caffe's convention the rate is part of the velocity; in torch's it scales the velocity.
  const float inner = caffe ? rate : damping, outer = caffe ? 1 : rate;
  for (int64_t i = 0; i < count; i++) {
    const float gradient = g[i] + decay * w[i];
    const float before = v[i];
    const float velocity = momentum * before + inner * gradient;
    v[i] = velocity;
    const float ahead = caffe ? (1 + momentum) * velocity - momentum * before : gradient + momentum * velocity;
    w[i] -= outer * (nesterov ? ahead : velocity);
  }
}
