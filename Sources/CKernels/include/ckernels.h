// The inner loops that Swift's default target (no AVX) would run several times slower.
//
// Arrays are float32 and row-major where nothing else is said; rows × channels means rows of `channels` contiguous values.
// Nothing here allocates, starts threads or keeps state, but that the process has the system's leave to use AMX once it is
// asked for. The sums run in a fixed order.
#pragma once
#include <stdint.h>

/// Tells the C library's allocator to keep what is freed, since a training step frees what the next one takes again:
/// without it the kernel's clearing of new pages takes a third of a small network's time.
void kernel_keep_freed_memory(void);

/// x = max(x, 0); a NaN stays.
void kernel_relu(float *x, int64_t count);
/// dy = y <= 0 ? 0 : dy; beside a NaN it stays.
void kernel_relu_gradient(const float *y, float *dy, int64_t count);

/// y += a·x.
void kernel_add_scaled(float a, const float *x, float *y, int64_t count);
/// y = a·x.
void kernel_scale(float a, const float *x, float *y, int64_t count);
/// Σ x², in double.
double kernel_sum_of_squares(const float *x, int64_t count);
/// Whether no element is NaN or infinite.
_Bool kernel_is_finite(const float *x, int64_t count);
/// Σ x·y, in double.
double kernel_dot(const float *x, const float *y, int64_t count);
/// low, high = c·low − s·high, s·low + c·high.
void kernel_rotate(double c, double s, double *low, double *high, int64_t count);

/// y [columns, rows] = x [rows, columns] transposed.
void kernel_transpose(const float *x, float *y, int64_t rows, int64_t columns);

/// sum[c] = Σ over rows of x[r, c].
void kernel_column_sums(const float *x, int64_t rows, int64_t channels, float *sum);
/// x[r, c] += bias[c].
void kernel_add_rows(const float *bias, float *x, int64_t rows, int64_t channels);
/// sum[c] = Σ (x[r, c] − mean[c])².
void kernel_centered_squares(const float *x, const float *mean, int64_t rows, int64_t channels, float *sum);
/// y[r, c] = max(a[c]·x[r, c] + b[c], floor): batch normalization, with ReLU where the floor is 0; NaN is none.
void kernel_affine(
  const float *x, const float *a, const float *b, float floor, float *y, int64_t rows, int64_t channels);
/// Two sums a channel for batch normalization: Σ g and Σ g·(x − mean)·inverse, where g is dy where a[c]·x + b[c] lies
/// above the floor, if there is one, or is no number, and 0 elsewhere.
void kernel_normalization_sums(
  const float *x, const float *dy, const float *a, const float *b, float floor, const float *mean,
  const float *inverse, int64_t rows, int64_t channels, float *sum_gradient, float *sum_product);
/// dy[r, c] = a[c]·g[r, c] + slope[c]·x[r, c] + shift[c], with the same g; a[c]·g[r, c] where slope and shift are NULL.
void kernel_normalization_gradient(
  const float *x, const float *a, const float *b, float floor, const float *slope, const float *shift, float *dy,
  int64_t rows, int64_t channels);

/// The maximum by strict > over the cells y0 ≤ y < y1, x0 ≤ x < x1 of a map [_, width, channels], for each channel;
/// argmax is y·width + x.
/// An empty span gives 0 and −1; a span where nothing exceeds −FLT_MAX gives −FLT_MAX and −1 (Caffe, ROIPooling).
void kernel_span_maximum(
  const float *map, int64_t width, int64_t channels, int64_t y0, int64_t y1, int64_t x0, int64_t x1, float *output,
  int32_t *argmax);
/// The way back: dx[argmax[c], c] += dy[c] for first ≤ c < end; −1 is passed over.
void kernel_span_gradient(
  const float *dy, const int32_t *argmax, float *dx, int64_t width, int64_t channels, int64_t y0, int64_t y1,
  int64_t x0, int64_t x1, int64_t first, int64_t end);

/// y = mask·x·scale where mask(i) keeps an element unless the top 24 bits of SplitMix64(seed, first + i) are below
/// `threshold`. The same call on a gradient is the way back.
void kernel_dropout(
  const float *x, float *y, int64_t count, uint64_t seed, int64_t first, uint32_t threshold, float scale);

/// One step of SGD with momentum; see `Kernels.MomentumUpdate` for the formulas.
typedef struct {
  float weight_decay, momentum, gradient_scale, learning_rate;
  int32_t caffe, nesterov;
} kernel_momentum;

/// One step of AdamW; see `Kernels.AdamWUpdate` for the formulas.
typedef struct {
  /// 1 − learning rate · weight decay.
  float kept;
  /// 1 − β₁, β₂ and 1 − β₂.
  float first_share, second_kept, second_share;
  /// √(1 − β₂ᵗ), ε and learning rate / (1 − β₁ᵗ).
  float correction, epsilon, step;
} kernel_adamw;

enum { kernel_rule_momentum, kernel_rule_adamw };
/// One step of an update rule. SGD keeps its velocity in the state `first` and takes NULL for `second`; AdamW keeps its
/// first and second moment.
typedef struct {
  int32_t kind;
  kernel_momentum momentum;
  kernel_adamw adamw;
} kernel_rule;

/// One step of the rule on w and its state by the gradient g.
void kernel_update(float *w, float *first, float *second, const float *g, int64_t count, const kernel_rule *rule);

/// Columns of a panel and rows of a strip that the products below take their factors in.
enum { kernel_panel = 64, kernel_strip = 6 };
/// x [samples, columns] in panels [columns / 64, samples, 64], the last one filled up with zeros.
void kernel_pack_panels(const float *x, int64_t stride, int64_t samples, int64_t columns, float *packed);
/// x in strips [rows / 6, samples, 6], the last one filled up with zeros; samples lie `step` apart and rows `stride`.
void kernel_pack_strips(
  const float *x, int64_t step, int64_t stride, int64_t samples, int64_t rows, float *packed);
/// One step of the rule on w and its state [rows, columns] by the gradient xᵀ·d, which is never stored: x [samples, rows]
/// in strips, d [samples, columns] in panels.
void kernel_outer_update(
  const float *strips, const float *panels, int64_t samples, int64_t rows, int64_t columns, float *w, float *first,
  float *second, const kernel_rule *rule);

/// y [rows, columns] = x·w for x [rows, depth] transposed in strips [rows / 6, depth, 6] and w [depth, columns], which is
/// read once; rows of w and y are `stride` and `y_stride` apart.
void kernel_strip_product(
  const float *strips, int64_t depth, const float *w, int64_t stride, int64_t rows, int64_t columns, float *y,
  int64_t y_stride);

/// y = x rounded to bfloat16.
void kernel_to_bfloat16(const float *x, int64_t count, uint16_t *y);
/// The products below round their factors to bfloat16 and add in float32. The factors lie in tiles of 1 KiB: of the first
/// one 16 rows by kernel_bfloat16_depth of the depth, [rows / 16, depth / 32, 16, 32]; of the second one 16 pairs of the
/// depth by 16 columns, [columns / 16, depth / 32, 16, 16, 2], in panels of 64 columns. What is missing is zero.
enum { kernel_bfloat16_depth = 32 };
/// Depth that is multiplied at once, and as much of a second factor.
enum { kernel_bfloat16_chunk = 256, kernel_bfloat16_scratch = 256 * 512 };
/// Which instructions make the products: AMX where the processor and the system have it, else AVX-512's (BF16).
enum { kernel_bfloat16_best, kernel_bfloat16_avx512 };

/// Whether the processor multiplies such numbers by itself.
int kernel_has_bfloat16(void);

/// x [rows, depth], or [depth, rows] where it is transposed, as a first factor.
void kernel_bfloat16_rows(
  const float *x, int64_t stride, int32_t transposed, int64_t rows, int64_t depth, uint16_t *tiles);
/// x [depth, columns], or [columns, depth] where it is transposed, as a second factor.
void kernel_bfloat16_columns(
  const float *x, int64_t stride, int32_t transposed, int64_t depth, int64_t columns, uint16_t *tiles);
/// y [rows, columns] = x·w, or added to it, for x [rows, depth] in tiles and w [depth, columns], or [columns, depth] where
/// it is transposed, which is read once; w goes through `scratch`, kernel_bfloat16_scratch numbers.
void kernel_bfloat16_product(
  const uint16_t *tiles, int64_t depth, const float *w, int64_t stride, int32_t transposed, int64_t rows,
  int64_t columns, int32_t accumulate, float *y, int64_t y_stride, uint16_t *scratch, int32_t instructions);
/// One step of the rule on w and its state [rows, columns] by the gradient left·right, which is never stored, for left
/// [rows, samples] and right [samples, columns] in tiles.
void kernel_bfloat16_update(
  const uint16_t *left, const uint16_t *right, int64_t samples, int64_t rows, int64_t columns, float *w, float *first,
  float *second, const kernel_rule *rule, int32_t instructions);
