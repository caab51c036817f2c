#include "inner.h"

void kernel_pack_panels(const float *x, int64_t stride, int64_t samples, int64_t columns, float *packed) {
  for (int64_t c0 = 0; c0 < columns; c0 += kernel_panel)
    for (int64_t s = 0; s < samples; s++, packed += kernel_panel) {
      const int64_t width = columns - c0 < kernel_panel ? columns - c0 : kernel_panel;
      memcpy(packed, x + s * stride + c0, (size_t)width * sizeof(float));
      memset(packed + width, 0, (size_t)(kernel_panel - width) * sizeof(float));
    }
}

void kernel_pack_strips(
  const float *x, int64_t step, int64_t stride, int64_t samples, int64_t rows, float *packed) {
  for (int64_t r0 = 0; r0 < rows; r0 += kernel_strip)
    for (int64_t s = 0; s < samples; s++)
      for (int64_t i = 0; i < kernel_strip; i++) *packed++ = r0 + i < rows ? x[s * step + (r0 + i) * stride] : 0;
}

// A block of kernel_strip rows × LANES·VECTORS columns of xᵀ·d stays in registers for `depth` rows of both. Prefetching the
// memory of the next block meanwhile hides most of its latency. With more than few_rows rows a panel of w is reused often
// enough to be worth a contiguous copy in the L1 cache.
enum { few_rows = 48 };
static int64_t turns(int64_t depth) { return (depth + 3) / 4; }
#define PRODUCTS(NAME, LANES, VECTORS, ATTRIBUTE)                                                                   \
  typedef float NAME##_vector __attribute__((vector_size(4 * LANES), aligned(4), may_alias));                       \
  ATTRIBUTE static inline __attribute__((always_inline)) void NAME##_block(                                         \
    const float *x, const float *d, int64_t stride, int64_t depth, prefetch_plan *lines, float *block) {            \
    NAME##_vector sum[kernel_strip][VECTORS] = {0};                                                                 \
    for (int64_t s0 = 0; s0 < depth; s0 += 4) {                                                                     \
      prefetch(lines);                                                                                              \
      const int64_t some = depth - s0 < 4 ? depth - s0 : 4;                                                         \
      for (int64_t s = 0; s < some; s++, x += kernel_strip, d += stride) {                                          \
        _Pragma("clang fp contract(fast)")                                                                          \
        _Pragma("clang loop unroll(full)") for (int i = 0; i < kernel_strip; i++) {                                 \
          _Pragma("clang loop unroll(full)") for (int j = 0; j < VECTORS; j++) sum[i][j] +=                         \
            x[i] * *(const NAME##_vector *)(d + j * LANES);                                                         \
        }                                                                                                           \
      }                                                                                                             \
    }                                                                                                               \
    for (int i = 0; i < kernel_strip; i++)                                                                          \
      for (int j = 0; j < VECTORS; j++) *(NAME##_vector *)(block + (i * VECTORS + j) * LANES) = sum[i][j];          \
  }                                                                                                                 \
  ATTRIBUTE static void NAME##_update(                                                                              \
    const float *strips, const float *panels, int64_t samples, int64_t rows, int64_t columns, float *w,             \
    float *first, float *second, const kernel_rule *rule) {                                                         \
    enum { width = LANES * VECTORS };                                                                               \
    float block[kernel_strip * width] __attribute__((aligned(64)));                                                 \
    for (int64_t c0 = 0; c0 < columns; c0 += kernel_panel)                                                          \
      for (int64_t r0 = 0; r0 < rows; r0 += kernel_strip) {                                                         \
        const int64_t next = r0 + kernel_strip < rows ? (r0 + kernel_strip) * columns + c0 : c0 + kernel_panel;     \
        prefetch_plan lines = prefetch_during(                                                                      \
          turns(samples) * (kernel_panel / width), w + next, first + next, state_at(second, next), columns,         \
          kernel_panel, kernel_strip);                                                                              \
        for (int64_t c = c0; c < c0 + kernel_panel && c < columns; c += width) {                                    \
          NAME##_block(                                                                                             \
            strips + r0 * samples, panels + c0 * samples + (c - c0), kernel_panel, samples, &lines, block);         \
          const int64_t count = columns - c < width ? columns - c : width;                                          \
          for (int64_t i = 0; i < kernel_strip && r0 + i < rows; i++) {                                             \
            const int64_t at = (r0 + i) * columns + c;                                                              \
            update(w + at, first + at, state_at(second, at), block + i * width, count, rule);                       \
          }                                                                                                         \
        }                                                                                                           \
      }                                                                                                             \
  }                                                                                                                 \
  ATTRIBUTE static void NAME##_product(                                                                             \
    const float *strips, int64_t depth, const float *w, int64_t stride, int64_t rows, int64_t columns, float *y,    \
    int64_t y_stride) {                                                                                             \
    enum { width = LANES * VECTORS, most = 2 * kernel_panel };                                                      \
    float block[kernel_strip * width] __attribute__((aligned(64)));                                                 \
    float copy[most * kernel_panel] __attribute__((aligned(64)));                                                   \
    const int64_t chunk = rows > few_rows ? most : kernel_panel;                                                    \
    for (int64_t k0 = 0; k0 < depth; k0 += chunk)                                                                   \
      for (int64_t c0 = 0; c0 < columns; c0 += kernel_panel) {                                                      \
        const int64_t deep = depth - k0 < chunk ? depth - k0 : chunk, left = columns - c0;                          \
        const float *panel = w + k0 * stride + c0;                                                                  \
        int64_t step = stride;                                                                                      \
        if (left < kernel_panel || rows > few_rows) {                                                               \
          kernel_pack_panels(panel, stride, deep, left < kernel_panel ? left : kernel_panel, copy);                 \
          panel = copy;                                                                                             \
          step = kernel_panel;                                                                                      \
        }                                                                                                           \
        const float *next = left > kernel_panel ? w + k0 * stride + c0 + kernel_panel : w + (k0 + chunk) * stride;  \
        prefetch_plan lines = prefetch_during(                                                                      \
          turns(deep) * ((rows + kernel_strip - 1) / kernel_strip) * (kernel_panel / width), next, NULL, NULL,      \
          stride, kernel_panel, k0 + chunk < depth || left > kernel_panel ? deep : 0);                              \
        for (int64_t r0 = 0; r0 < rows; r0 += kernel_strip)                                                         \
          for (int64_t c = 0; c < kernel_panel && c < left; c += width) {                                           \
            NAME##_block(                                                                                           \
              strips + r0 * depth + k0 * kernel_strip, panel + c, step, deep, &lines, block);                       \
            const int64_t count = left - c < width ? left - c : width;                                              \
            for (int64_t i = 0; i < kernel_strip && r0 + i < rows; i++) {                                           \
              float *out = y + (r0 + i) * y_stride + c0 + c;                                                        \
              if (k0 == 0)                                                                                          \
                for (int64_t j = 0; j < count; j++) out[j] = block[i * width + j];                                  \
              else                                                                                                  \
                for (int64_t j = 0; j < count; j++) out[j] += block[i * width + j];                                 \
            }                                                                                                       \
          }                                                                                                         \
      }                                                                                                             \
  }

#ifdef __x86_64__
PRODUCTS(products_512, 16, 4, __attribute__((target("avx512f"))))
PRODUCTS(products_256, 8, 2, __attribute__((target("avx2,fma"))))
#define DISPATCH(FUNCTION, ...)                                                                                     \
  if (__builtin_cpu_supports("avx512f")) return products_512_##FUNCTION(__VA_ARGS__);                               \
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return products_256_##FUNCTION(__VA_ARGS__); \
  products_128_##FUNCTION(__VA_ARGS__);
#else
#define DISPATCH(FUNCTION, ...) products_128_##FUNCTION(__VA_ARGS__);
#endif
PRODUCTS(products_128, 4, 2, )

void kernel_outer_update(
  const float *strips, const float *panels, int64_t samples, int64_t rows, int64_t columns, float *w, float *first,
  float *second, const kernel_rule *rule) {
  DISPATCH(update, strips, panels, samples, rows, columns, w, first, second, rule)
}

void kernel_strip_product(
  const float *strips, int64_t depth, const float *w, int64_t stride, int64_t rows, int64_t columns, float *y,
  int64_t y_stride) {
  DISPATCH(product, strips, depth, w, stride, rows, columns, y, y_stride)
}
