#include "inner.h"

#include <math.h>

// s^−β for each element; β = 3/4 is the usual one and needs no power function.
static inline __attribute__((always_inline)) float inverse_power(float s, float beta) {
  return beta == 0.75f ? 1 / (sqrtf(s) * sqrtf(sqrtf(s))) : powf(s, -beta);
}

// sums[c] = the sum of padded[c … c + size − 1].
static inline __attribute__((always_inline)) void window_sums(
  const float *restrict padded, float *restrict sums, int64_t channels, int64_t size) {
  for (int64_t c = 0; c < channels; c++) sums[c] = 0;
  for (int64_t offset = 0; offset < size; offset++)
    for (int64_t c = 0; c < channels; c++) sums[c] += padded[c + offset];
}

// scale[c] = k + α/n · the sum of squares around c; `padded` has room for channels + size − 1 elements.
static inline __attribute__((always_inline)) void scales(
  const float *restrict x, float *restrict padded, float *restrict scale, int64_t channels, int64_t size, float share,
  float k) {
  const int64_t half = size / 2;
  for (int64_t i = 0; i < half; i++) padded[i] = padded[channels + size - 2 - i] = 0;
  for (int64_t c = 0; c < channels; c++) padded[c + half] = x[c] * x[c];
  window_sums(padded, scale, channels, size);
  for (int64_t c = 0; c < channels; c++) scale[c] = k + share * scale[c];
}

CLONED void kernel_response(
  const float *restrict x, float *restrict y, int64_t rows, int64_t channels, int64_t size, float share, float beta,
  float k, float *restrict scratch) {
  float *scale = scratch, *padded = scratch + channels;
  for (int64_t r = 0; r < rows; r++, x += channels, y += channels) {
    scales(x, padded, scale, channels, size, share, k);
    if (beta == 0.75f)
      for (int64_t c = 0; c < channels; c++) y[c] = x[c] * inverse_power(scale[c], 0.75f);
    else
      for (int64_t c = 0; c < channels; c++) y[c] = x[c] * inverse_power(scale[c], beta);
  }
}

CLONED void kernel_response_gradient(
  const float *restrict x, const float *restrict dy, float *restrict dx, int64_t rows, int64_t channels, int64_t size,
  float share, float beta, float k, float *restrict scratch) {
  const int64_t half = size / 2;
  float *scale = scratch, *power = scratch + channels, *padded = scratch + 2 * channels;
  for (int64_t r = 0; r < rows; r++, x += channels, dy += channels, dx += channels) {
    scales(x, padded, scale, channels, size, share, k);
    if (beta == 0.75f)
      for (int64_t c = 0; c < channels; c++) power[c] = inverse_power(scale[c], 0.75f);
    else
      for (int64_t c = 0; c < channels; c++) power[c] = inverse_power(scale[c], beta);
    // The padding is still zero.
    for (int64_t c = 0; c < channels; c++) padded[c + half] = dy[c] * x[c] * power[c] / scale[c];
    window_sums(padded, scale, channels, size);
    for (int64_t c = 0; c < channels; c++) dx[c] = dy[c] * power[c] - 2 * share * beta * x[c] * scale[c];
  }
}
